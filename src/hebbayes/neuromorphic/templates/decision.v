// Decision core: @{inputs} inputs, @{outputs} decisions, @{lanes} synapses read per cycle.
//
// Each decision k keeps signed evidence: hebb[k, i] counts it together with input i, home[k] counts
// it alone, both beside a constant prior count P.  In units of 2^-@{log_bits},
//
//     drive[k] = habit[k] + sum_i [log2(P + d) - log2(P + home[k] / 2)] + noise,
//     d        = x_i ? hebb[k, i] : home[k] - hebb[k, i].
//
// STEP takes the decision of the largest drive and keeps it with its context x in a queue.  LEARN
// brings the risk of all that wait: each is accepted with probability |1 - 2 risk| and moves its
// row by the sign.  A row whose home would overflow is halved on the way.
//
// Commands, one at a time while `busy` is 0 (address counts up after each access):
//     1 ADDRESS  data -> address            2 PUSH     shift a count into the word buffer
//     3 STORE    buffer -> evidence word    4 FETCH    evidence word -> buffer
//     5 POP      lowest count of buffer -> result, next count down
//     6 SET_HOME data -> home[address]      7 GET_HOME home[address] -> result
//     8 HABIT    data -> habit[address]     9 SEED     data -> upper half of the random register, which moves down
//    10 NOW      data -> word of x         11 NEXT     data -> word of the x that follows
//    12 STEP     decision -> result        13 LEARN    data = risk in units of 2^-16
// An evidence word has the address {decision, word of the row}; a word holds @{lanes} inputs.
`timescale 1ns / 1ps
`default_nettype none

module @{prefix}_decision (
    input  wire        clock,
    input  wire        reset,
    input  wire [3:0]  command,   // 0: none
    input  wire [15:0] data,
    output wire        busy,
    output reg         fault,     // watchdog: a command took too long and was abandoned
    output reg  [@{result_top}:0]  result
);
    localparam LANES       = @{lanes};
    localparam BITS        = @{evidence_bits};       // of a count
    localparam LOG_BITS    = @{log_bits};      // fractional bits of log2
    localparam LOG_WIDTH   = @{log_width};      // all bits of log2
    localparam GAIN_WIDTH  = @{gain_width};      // log2(P + d) - log2(P + home / 2), signed
    localparam DRIVE_WIDTH = @{drive_width};
    localparam NOISE_WIDTH = LOG_BITS + 5;
    localparam K_WIDTH     = @{k_width};       // number of a decision
    localparam W_WIDTH     = @{word_width};       // number of an evidence word in its row
    localparam SLOT_WIDTH  = @{slot_width};       // place in the queue
    localparam LIMIT_WIDTH = @{watchdog_width};
    localparam [K_WIDTH-1:0]     LAST_ROW  = @{last_row};
    localparam [W_WIDTH-1:0]     LAST_WORD = @{last_word};
    localparam [SLOT_WIDTH-1:0]  DEPTH     = @{depth};     // decisions that may wait
    localparam [LIMIT_WIDTH-1:0] LIMIT     = @{watchdog};  // cycles that no command exceeds

    localparam ADDRESS = 4'd1, PUSH = 4'd2, STORE = 4'd3, FETCH = 4'd4, POP = 4'd5,
               SET_HOME = 4'd6, GET_HOME = 4'd7, HABIT = 4'd8, SEED = 4'd9, NOW = 4'd10,
               NEXT = 4'd11, STEP = 4'd12, LEARN = 4'd13;

    localparam IDLE = 4'd0, FETCHED = 4'd1, GOT_HOME = 4'd2,
               ROW = 4'd3, NORMALISE = 4'd4, SCAN = 4'd5, COMPARE = 4'd6, ENQUEUE = 4'd7,
               ENTRY = 4'd8, ACCEPT = 4'd9, HOME = 4'd10, ROUND = 4'd11, READ = 4'd12,
               WRITE = 4'd13;

    reg  [3:0]                  state;
    reg  [K_WIDTH+W_WIDTH-1:0]  address;
    reg  [LANES*BITS-1:0]       buffer;       // word between host and memory
    reg  [K_WIDTH-1:0]          row;          // decision whose row is read or written
    reg  [W_WIDTH-1:0]          word;
    reg                         descending;   // direction of the scan, so that ties favour no side
    reg  signed [DRIVE_WIDTH-1:0] drive, best;
    reg  [K_WIDTH-1:0]          best_row;
    reg                         has_best;
    reg  [SLOT_WIDTH-1:0]       head;         // slot of the current x
    reg  [SLOT_WIDTH-1:0]       waiting;      // decisions in the queue
    reg  [SLOT_WIDTH-1:0]       left;         // of those, not yet learnt from
    reg                         is_down;      // risk above 1/2: counts fall
    reg  [16:0]                 chance;       // |1 - 2 risk|
    reg                         is_halving, rounding;
    reg  [BITS:0]               home_next;    // one bit more than a count, to see overflow
    reg  [W_WIDTH-1:0]          word_read;    // word that the memories show
    reg  [LIMIT_WIDTH-1:0]      elapsed;

    assign busy = state != IDLE;
    wire is_host   = state == IDLE;
    wire is_last_row = row == (descending ? {K_WIDTH{1'b0}} : LAST_ROW);
    wire [SLOT_WIDTH-1:0] head_next = head + 1'b1;
    wire [SLOT_WIDTH-1:0] slot      = head - left;
    wire will_halve;

    // ------------------------------------------------------------------ random bits
    wire [31:0] random;
    wire does_draw = state == ROW || (state == ENTRY && left != 0) || (state == HOME && will_halve);
    wire seeds     = is_host && command == SEED;
    @{prefix}_lfsr lfsr (
        .clock(clock), .load(seeds), .seed({data, random[31:16]}), .draw(does_draw), .state(random)
    );

    // Noise: a table over the leading one of the draw and the @{mantissa_bits} bits after it
    wire [15:0] draw   = @{draw};
    wire [21:0] padded = {draw[14:0], 7'd0};
    reg  [3:0]  zeros;            // before the leading one
    reg  [6:0]  mantissa;         // after it
    integer     place;
    always @* begin
        zeros = 4'd15;
        mantissa = 7'd0;
        for (place = 0; place < 16; place = place + 1)
            if (draw[place]) begin
                zeros = 4'd15 - place[3:0];
                mantissa = padded[place +: 7];
            end
    end
    wire [2:0] octave = zeros > 4'd7 ? 3'd7 : zeros[2:0];
    wire [3:0] beyond = zeros - {1'b0, octave};
    reg signed [NOISE_WIDTH-1:0] noise_table [0:1023];
    reg signed [NOISE_WIDTH-1:0] noise;
    reg        [3:0]             noise_octaves;
    initial $readmemh("@{prefix}_noise.mem", noise_table);
    always @(posedge clock) begin
        noise <= noise_table[{octave, mantissa}];
        noise_octaves <= beyond;
    end

    // ------------------------------------------------------------------ arithmetic
    // halves drop their lowest bit, logarithms the bits below their fraction, on purpose
    /* verilator lint_off UNUSEDSIGNAL */
    function [BITS-1:0] half_of(input [BITS:0] sum);
        half_of = sum[BITS:1];
    endfunction
@{log_cell}
@{log_row}
    /* verilator lint_on UNUSEDSIGNAL */

    // ------------------------------------------------------------------ memories, one port each
    // evidence[{row, word}]: LANES counts
    wire writes_word = (is_host && command == STORE) || state == WRITE;
    wire [K_WIDTH+W_WIDTH-1:0] word_address = is_host ? address : {row, word};
    wire [LANES*BITS-1:0] counts_next;
    reg  [LANES*BITS-1:0] counts;
    (* ram_style = "@{ram_style}" *) reg [LANES*BITS-1:0] evidence [0:(1<<(K_WIDTH+W_WIDTH))-1];
    always @(posedge clock)
        if (writes_word) evidence[word_address] <= is_host ? buffer : counts_next;
        else             counts <= evidence[word_address];

    // home[row]
    reg  [K_WIDTH-1:0] chosen;      // decision of the queue's slot
    wire writes_home = (is_host && command == SET_HOME) || state == ROUND;
    wire [K_WIDTH-1:0] home_address = is_host ? address[K_WIDTH-1:0]
                                    : state == ACCEPT ? chosen : row;
    wire [BITS-1:0] home_stored =
        is_halving ? half_of(home_next + {{BITS{1'b0}}, random[0]}) : home_next[BITS-1:0];
    reg  [BITS-1:0] home;
    reg  [BITS-1:0] homes [0:(1<<K_WIDTH)-1];
    always @(posedge clock)
        if (writes_home) homes[home_address] <= is_host ? data[BITS-1:0] : home_stored;
        else             home <= homes[home_address];

    // habit[row]
    reg  signed [NOISE_WIDTH-1:0] habit;
    reg  signed [NOISE_WIDTH-1:0] habits [0:(1<<K_WIDTH)-1];
    always @(posedge clock)
        if (is_host && command == HABIT) habits[address[K_WIDTH-1:0]] <= data[NOISE_WIDTH-1:0];
        else                             habit <= habits[row];

    // contexts[{slot, word}]: the x of every decision that waits, the current x, and the next
    wire writes_x = is_host && (command == NOW || command == NEXT);
    wire is_learning = state == READ || state == WRITE;
    wire [SLOT_WIDTH-1:0] x_slot = is_learning ? slot : writes_x && command == NEXT ? head_next : head;
    wire [W_WIDTH-1:0]    x_word = is_host ? address[W_WIDTH-1:0] : word;
    reg  [LANES-1:0] x;
    reg  [LANES-1:0] contexts [0:(1<<(SLOT_WIDTH+W_WIDTH))-1];
    always @(posedge clock)
        if (writes_x) contexts[{x_slot, x_word}] <= data[LANES-1:0];
        else          x <= contexts[{x_slot, x_word}];

    // chosen[slot]: the decision made in the context of the same slot
    reg  [K_WIDTH-1:0] choices [0:(1<<SLOT_WIDTH)-1];
    always @(posedge clock)
        if (state == ENQUEUE) choices[head] <= best_row;
        else                  chosen <= choices[slot];

    reg  [LOG_WIDTH-1:0] normaliser;      // log2(P + home / 2) of the row
    wire [@{row_top}:0] row_count = @{row_width}'d@{twice_prior} + {{(@{row_width}-BITS){home[BITS-1]}}, home};
    wire [LOG_WIDTH-1:0] row_log = log_of_row(row_count) - @{log_width}'d@{one};

    // ------------------------------------------------------------------ lanes
    wire [LANES*GAIN_WIDTH-1:0] gains;       // of every lane, signed
    wire [BITS:0] rise      = is_down ? {(BITS+1){1'b1}} : {{BITS{1'b0}}, 1'b1};
    wire [BITS:0] home_wide = {home[BITS-1], home};
    genvar lane;
    generate for (lane = 0; lane < LANES; lane = lane + 1) begin : lanes
        // reading: log2(P + d) - log2(P + home / 2)
        wire [BITS-1:0] hebb = counts[lane*BITS +: BITS];
        wire [BITS:0]   wide = {hebb[BITS-1], hebb};
        wire [BITS:0]   d    = x[lane] ? wide : home_wide - wide;
        wire [@{cell_top}:0] count = @{cell_width}'d@{prior} + @{cell_d};
        /* verilator lint_off UNUSEDSIGNAL */    // it fits GAIN_WIDTH bits
        wire [LOG_WIDTH-1:0] difference = log_of_cell(count) - normaliser;
        /* verilator lint_on UNUSEDSIGNAL */
        wire is_input = @{is_input};
        assign gains[lane*GAIN_WIDTH +: GAIN_WIDTH] =
            is_input ? difference[GAIN_WIDTH-1:0] : {GAIN_WIDTH{1'b0}};

        // learning: move by one where x is on, halve, saturate
        wire [BITS:0] moved   = x[lane] ? wide + rise : wide;
        wire [BITS-1:0] half  = half_of(moved + {{BITS{1'b0}}, rounding});
        wire [BITS:0] next    = is_halving ? {half[BITS-1], half} : moved;
        assign counts_next[lane*BITS +: BITS] =
            !is_input ? {BITS{1'b0}}
            : next[BITS] == next[BITS-1] ? next[BITS-1:0]
            : {next[BITS], {(BITS-1){~next[BITS]}}};
    end endgenerate

    reg signed [DRIVE_WIDTH-1:0] drive_next;
    integer j;
    always @* begin
        drive_next = drive;
        for (j = 0; j < LANES; j = j + 1)
            drive_next = drive_next + {{(DRIVE_WIDTH-GAIN_WIDTH){gains[(j+1)*GAIN_WIDTH-1]}},
                                       gains[j*GAIN_WIDTH +: GAIN_WIDTH]};
    end

    // ------------------------------------------------------------------ sequence
    wire [BITS:0] home_moved = home_wide + rise;
    assign will_halve = home_moved[BITS] != home_moved[BITS-1];
    wire signed [DRIVE_WIDTH-1:0] reached =
        drive + {{(DRIVE_WIDTH-NOISE_WIDTH){noise[NOISE_WIDTH-1]}}, noise}
        + {{(DRIVE_WIDTH-LOG_BITS-4){1'b0}}, noise_octaves, {LOG_BITS{1'b0}}};
    wire [17:0] modulation = 18'd65536 - {1'b0, data, 1'b0};   // 1 - 2 risk, two's complement

    always @(posedge clock)
        if (reset) begin
            state <= IDLE;  fault <= 1'b0;  head <= 0;  waiting <= 0;  descending <= 1'b0;
            address <= 0;  row <= 0;  word <= 0;  left <= 0;  result <= 0;  elapsed <= 0;
        end else begin
            elapsed <= is_host ? 0 : elapsed + 1'b1;
            word_read <= word;
            case (state)
            IDLE: begin
                word <= 0;
                case (command)
                ADDRESS: address <= data[K_WIDTH+W_WIDTH-1:0];
                PUSH:    buffer <= @{push};
                FETCH:   state <= FETCHED;
                POP: begin
                    result <= @{pop_result};
                    buffer <= @{pop_buffer};
                end
                GET_HOME: state <= GOT_HOME;
                STEP: begin
                    row <= descending ? LAST_ROW : {K_WIDTH{1'b0}};
                    has_best <= 1'b0;
                    state <= ROW;
                end
                LEARN: begin
                    is_down <= modulation[17];
                    chance <= modulation[17] ? -modulation[16:0] : modulation[16:0];
                    left <= waiting;
                    state <= ENTRY;
                end
                default: ;
                endcase
                if (command == STORE || command == FETCH || command == SET_HOME ||
                    command == GET_HOME || command == HABIT || writes_x) address <= address + 1'b1;
            end
            FETCHED:  begin buffer <= counts;  state <= IDLE; end
            GOT_HOME: begin result <= @{home_result};  state <= IDLE; end

            // STEP: W + 3 cycles a row
            ROW: state <= NORMALISE;                    // home, habit and the draw are on their way
            NORMALISE: begin
                normaliser <= row_log;
                drive <= {{(DRIVE_WIDTH-NOISE_WIDTH){habit[NOISE_WIDTH-1]}}, habit};
                word <= 1;
                state <= SCAN;
            end
            SCAN: begin
                drive <= drive_next;
                word <= word + 1'b1;
                if (word_read == LAST_WORD) state <= COMPARE;
            end
            COMPARE: begin
                if (!has_best || reached > best) begin best <= reached;  best_row <= row; end
                has_best <= 1'b1;
                row <= descending ? row - 1'b1 : row + 1'b1;
                word <= 0;
                state <= is_last_row ? ENQUEUE : ROW;
            end
            ENQUEUE: begin
                result <= @{row_result};
                head <= head_next;
                if (waiting != DEPTH) waiting <= waiting + 1'b1;
                descending <= !descending;
                state <= IDLE;
            end

            // LEARN: 2 cycles a pair, and 2 W + 2 for one that is accepted
            ENTRY: begin
                if (left == 0) waiting <= 0;
                state <= left == 0 ? IDLE : ACCEPT;
            end
            ACCEPT: begin
                row <= chosen;
                if ({1'b0, random[15:0]} < chance) state <= HOME;
                else begin left <= left - 1'b1;  state <= ENTRY; end
            end
            HOME: begin home_next <= home_moved;  is_halving <= will_halve;  state <= ROUND; end
            ROUND: begin rounding <= random[0];  word <= 0;  state <= READ; end
            READ: state <= WRITE;
            WRITE: begin
                word <= word + 1'b1;
                if (word == LAST_WORD) begin left <= left - 1'b1;  state <= ENTRY; end
                else state <= READ;
            end
            default: state <= IDLE;
            endcase
            if (elapsed == LIMIT) begin fault <= 1'b1;  state <= IDLE; end
        end
endmodule
`default_nettype wire
