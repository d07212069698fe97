// Inference layer: @{neurons} neurons, @{inputs} inputs@{recurrent_words}, @{lanes} lane(s).
//
// Per neuron:  drive = sum over lines of log2 n_on - log2 n_off - gap, + offset;  n_b = Hebb_b where
// the line is on, Home_b - Hebb_b where it is off;  gap = log2 Home_on - log2 Home_off.
// x is drawn from the sigmoid of the drive (or is its sign); Home_x and the Hebb_x of active lines
// then count one event.  A full Home halves both banks in the same pass, with one rounding bit.
//
// Words hold one pair {Hebb_off, Hebb_on} per lane.  Slots without a line stay 0: they count nothing
// and add exactly nothing to the drive.
module @{prefix}_inference (
    input  wire                 clock,
    input  wire                 reset,
    // one step
    input  wire                 start,          // take the observation
    input  wire                 learn,          // count events in this step
    input  wire [@{inputs}-1:0] observation,
    output reg                  done,           // for one cycle
    output reg  [@{neurons}-1:0] activity,      // x
    // the drive of each neuron, valid for one cycle
    output wire                 drive_valid,
    output reg  signed [@{drive_bits}-1:0] drive,
    output reg  [@{neuron_bits}-1:0] neuron,
    output wire [31:0]          random_state,
    // host: load and read, while idle; data arrive one cycle after the address
    input  wire                 host_write,
    input  wire [1:0]           host_region,    // 0 words, 1 homes, 2 offsets, 3 random seed
    input  wire [@{host_address_bits}-1:0] host_address,
    input  wire [@{host_bits}-1:0] host_data_in,
    output reg  [@{host_bits}-1:0] host_data_out
);
    localparam C = @{counter_bits};             // bits of a counter
    localparam F = @{log_bits};                 // fractional bits of log2
    localparam PLACE = @{place_bits};           // bits of log2's integer part
    localparam LANES = @{lanes};
    localparam WORDS = @{words};                // words of a neuron
    localparam SLOTS = WORDS * LANES;
    localparam PAIR = 2 * C;
    localparam TERM = PLACE + F + 3;            // bits of one lane's term, signed
    localparam D = @{drive_bits};
@{sigmoid_width}    localparam [C-1:0] FULL = @{full_home};
    localparam [2:0] IDLE = 0, GAPS = 1, RECURRENT_GAP = 2, DRIVE = 3, FIRE = 4, LEARN = 5, DONE = 6;

    // log2 of a count: the place of its leading one, then the F bits below it
    function [PLACE+F-1:0] log2_fixed(input [C-1:0] count);
        integer place, k;
        begin
            log2_fixed = 0;                     // of a count of 1; a count of 0 is taken as 1
            for (place = 1; place < C; place = place + 1)
                if (count[place]) begin
                    log2_fixed = {place[PLACE-1:0], {F{1'b0}}};
                    for (k = 0; k < F; k = k + 1)
                        if (place + k >= F) log2_fixed[k] = count[place + k - F];
                end
        end
    endfunction

@{sigmoid}    function [C-1:0] halve(input [C-1:0] count, input rounding);
        halve = {1'b0, count[C-1:1]} + {{(C-1){1'b0}}, count[0] && rounding};
    endfunction

    // ---------------------------------------------------------------- memories
    reg [LANES*PAIR-1:0] words [0:@{depth}-1];
    reg [LANES*PAIR-1:0] word_read;
    reg [PAIR-1:0]       homes [0:@{homes}-1];  // {Home_off, Home_on}, groups of a neuron in a row
    reg signed [D-1:0]   offsets [0:@{neurons}-1];

    reg  [2:0]           state;
    reg  [@{word_bits}-1:0] word;               // whose data arrive now
    reg  [@{address_bits}-1:0] first_word;      // of this neuron
    reg  [@{home_bits}-1:0] first_home;
    reg  [SLOTS-1:0]     lines;                 // rotates by one word per word read
    reg  [@{neurons}-1:0] firing;               // x of this step, so far
    reg                  learning;              // the learn pin at start
    reg                  fired;                 // x of this neuron
    reg  [1:0]           halving;               // by group

    wire idle      = state == IDLE;
    wire is_last   = word == @{last_word};
    wire reading   = state == DRIVE || state == LEARN;
    wire [@{word_bits}-1:0] next_word = (reading && !is_last) ? word + 1'b1 : {@{word_bits}{1'b0}};
    wire [@{address_bits}-1:0] read_address = idle ? host_address[@{address_bits}-1:0]
                                            : first_word + @{next_word_padded};
    wire [@{address_bits}-1:0] this_address = first_word + @{word_padded};

    // ---------------------------------------------------------------- homes of this neuron
    wire [PAIR-1:0] home_w = homes[first_home];
@{recurrent_home}
    wire is_recurrent = @{is_recurrent_word};
    wire [PAIR-1:0] home = is_recurrent ? home_k : home_w;   // of the word that arrives
    wire is_gap = state == GAPS || state == RECURRENT_GAP;
    wire [PAIR-1:0] gap_home = state == GAPS ? home_w : home_k;

    // ---------------------------------------------------------------- lanes
    reg  signed [TERM-1:0] gap_w, gap_k;
    wire signed [TERM-1:0] gap = is_gap ? {TERM{1'b0}} : is_recurrent ? gap_k : gap_w;
    wire signed [TERM-1:0] term [0:LANES-1];
    wire [LANES*PAIR-1:0]  word_write;
    wire [LANES-1:0]       changes;
    wire rounding = random_state[0];
    wire halves   = is_recurrent ? halving[1] : halving[0];
    wire counts;                                // this word's group learns

    genvar lane;
    generate
        for (lane = 0; lane < LANES; lane = lane + 1) begin : lanes
            wire line = lines[lane];
            wire [C-1:0] on  = word_read[lane*PAIR +: C];
            wire [C-1:0] off = word_read[lane*PAIR + C +: C];
            wire [C-1:0] n_on  = line ? on  : home[C-1:0]    - on;
            wire [C-1:0] n_off = line ? off : home[PAIR-1:C] - off;
            // lane 0 also takes the logarithms of the homes
            wire [PLACE+F-1:0] log_on  = log2_fixed(is_gap && lane == 0 ? gap_home[C-1:0]    : n_on);
            wire [PLACE+F-1:0] log_off = log2_fixed(is_gap && lane == 0 ? gap_home[PAIR-1:C] : n_off);
            assign term[lane] = {3'b0, log_on} - {3'b0, log_off} - gap;

            wire [C-1:0] on_kept  = halves ? halve(on, rounding)  : on;
            wire [C-1:0] off_kept = halves ? halve(off, rounding) : off;
            wire event_on  = counts && line &&  fired;
            wire event_off = counts && line && !fired;
            assign word_write[lane*PAIR +: PAIR] = {off_kept + {{(C-1){1'b0}}, event_off},
                                                    on_kept + {{(C-1){1'b0}}, event_on}};
            assign changes[lane] = event_on || event_off || halves;
        end
    endgenerate

    reg signed [D-1:0] next_drive;
    integer i;
    always @* begin
        next_drive = drive;
        for (i = 0; i < LANES; i = i + 1)
            next_drive = next_drive + {{(D-TERM){term[i][TERM-1]}}, term[i]};
    end

    // ---------------------------------------------------------------- firing
@{firing}

    // which groups learn from this event, and which halve first
    wire full_w = (fires ? home_w[C-1:0] : home_w[PAIR-1:C]) >= FULL;
    wire full_k = (fires ? home_k[C-1:0] : home_k[PAIR-1:C]) >= FULL;
    wire [1:0] learns_now = {@{learns_k}, @{learns_w}};
    wire [1:0] halves_now = learns_now & {full_k, full_w};
    reg  [1:0] learns;
    assign counts = is_recurrent ? learns[1] : learns[0];

    // ---------------------------------------------------------------- random bits
    wire draw = (state == GAPS && @{is_spiking}) || (state == FIRE && |halves_now);
    @{prefix}_lfsr random (
        .clock(clock), .load(idle && host_write && host_region == 2'd3),
        .seed(host_data_in[31:0]), .draw(draw), .state(random_state)
    );

    function [PAIR-1:0] counted(input [PAIR-1:0] held, input counting, input halved);
        reg [C-1:0] on, off;
        begin
            on  = halved ? halve(held[C-1:0], rounding)    : held[C-1:0];
            off = halved ? halve(held[PAIR-1:C], rounding) : held[PAIR-1:C];
            counted = {off + {{(C-1){1'b0}}, counting && !fired},
                       on + {{(C-1){1'b0}}, counting && fired}};
        end
    endfunction

    // ---------------------------------------------------------------- words: one read, one write
    wire learn_write = state == LEARN && |changes;
    wire load_words  = idle && host_write && host_region == 2'd0;
    always @(posedge clock) begin
        word_read <= words[read_address];
        if (learn_write || load_words)
            words[load_words ? host_address[@{address_bits}-1:0] : this_address]
                <= load_words ? host_data_in[LANES*PAIR-1:0] : word_write;
    end

    // the region asked for one cycle ago, and small data
    reg [1:0] region_read;
    reg [PAIR-1:0] home_read;
    always @(posedge clock) begin
        region_read <= host_region;
        home_read <= homes[host_address[@{home_bits}-1:0]];
    end
    always @* case (region_read)
        2'd0: host_data_out = @{word_read_padded};
        2'd1: host_data_out = @{home_read_padded};
        default: host_data_out = @{random_padded};
    endcase

    assign drive_valid = state == FIRE;

    // ---------------------------------------------------------------- sequence
    wire is_last_neuron = neuron == @{last_neuron};
    wire finishes_neuron = (state == FIRE && learns_now == 2'd0) || (state == LEARN && is_last);
    always @(posedge clock) begin
        done <= 1'b0;
        if (reading) begin
            word  <= next_word;
            lines <= (lines >> LANES) | (lines << (SLOTS - LANES));
        end
        case (state)
            IDLE: begin
                neuron <= 0; first_word <= 0; first_home <= 0; word <= 0;
                if (start) begin
                    lines <= @{lines_at_start};
                    learning <= learn;
                    state <= GAPS;
                end
            end
            GAPS: begin
                gap_w <= term[0];
                drive <= offsets[neuron];
                state <= @{after_gaps};
            end
            RECURRENT_GAP: begin
                gap_k <= term[0];
                state <= DRIVE;
            end
            DRIVE: begin
                drive <= next_drive;
                if (is_last) state <= FIRE;
            end
            FIRE: begin
                firing[neuron] <= fires;
                fired   <= fires;
                learns  <= learns_now;
                halving <= halves_now;
                state   <= LEARN;
            end
            LEARN: if (is_last) begin
                homes[first_home] <= counted(home_w, learns[0], halving[0]);
@{recurrent_home_write}
            end
            default: begin                      // DONE
                activity <= firing;
                done <= 1'b1;
                state <= IDLE;
            end
        endcase
        if (finishes_neuron) begin
            neuron     <= neuron + 1'b1;
            first_word <= first_word + @{words_sized};
            first_home <= first_home + @{groups_sized};
            state      <= is_last_neuron ? DONE : GAPS;
        end
        if (idle && host_write) begin
            if (host_region == 2'd1) homes[host_address[@{home_bits}-1:0]] <= host_data_in[PAIR-1:0];
            if (host_region == 2'd2) begin
                offsets[host_address[@{neuron_bits}-1:0]] <= host_data_in[D-1:0];
                activity <= 0;                  // loading an offset clears the last activity
            end
        end
        if (reset) begin
            state <= IDLE;
            activity <= 0;
        end
    end
endmodule
