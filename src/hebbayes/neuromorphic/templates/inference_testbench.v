// Self-checking testbench of @{prefix}_inference: every spike, drive and random state of @{steps}
// steps, every counter after each @{check_every} steps and at the end, and the number of cycles.
`timescale 1ns / 1ps
module @{prefix}_inference_tb;
    localparam STEPS = @{steps}, NEURONS = @{neurons}, DEPTH = @{depth}, HOMES = @{homes};
    localparam LANES = @{lanes}, PAIR = 2 * @{counter_bits}, D = @{drive_bits};
    localparam SLOTS = DEPTH * LANES, IMAGE = SLOTS + HOMES, CHECKS = @{checks};
    localparam H = @{host_bits};

    reg clock = 0, reset = 1, start = 0, host_write = 0;
    reg  [@{inputs}-1:0] observation = 0;
    reg  [1:0] host_region = 0;
    reg  [@{host_address_bits}-1:0] host_address = 0;
    reg  [H-1:0] host_data_in = 0;
    wire [H-1:0] host_data_out;
    wire done, drive_valid;
    wire [NEURONS-1:0] activity;
    wire signed [D-1:0] drive;
    wire [@{neuron_bits}-1:0] neuron;
    wire [31:0] random_state;

    @{prefix}_inference core (
        .clock(clock), .reset(reset), .start(start), .learn(1'b1), .observation(observation),
        .done(done), .activity(activity), .drive_valid(drive_valid), .drive(drive),
        .neuron(neuron), .random_state(random_state), .host_write(host_write),
        .host_region(host_region), .host_address(host_address),
        .host_data_in(host_data_in), .host_data_out(host_data_out)
    );
    always #5 clock = !clock;

    reg [@{inputs}-1:0] stimuli   [0:STEPS-1];
    reg [NEURONS-1:0]   spikes    [0:STEPS-1];
    reg [D-1:0]         drives    [0:STEPS*NEURONS-1];
    reg [31:0]          registers [0:STEPS-1];
    reg [PAIR-1:0]      counters  [0:(CHECKS+1)*IMAGE-1];   // the start, then each check
    reg [D-1:0]         offsets   [0:NEURONS-1];

    reg [@{log_width}-1:0] logs [0:(1<<@{counter_bits})-1];
    integer step, k, lane, mismatches, cycles, image, waited;
    reg [31:0] total;

    task load(input [1:0] region, input integer address, input [H-1:0] data);
        begin
            host_region = region; host_address = address[@{host_address_bits}-1:0];
            host_data_in = data; host_write = 1;
            @(negedge clock) host_write = 0;
        end
    endtask

    task mismatch(input [8*10-1:0] what, input integer where);
        begin
            if (mismatches < 5) $display("MISMATCH %0s step=%0d where=%0d", what, step, where);
            mismatches = mismatches + 1;
        end
    endtask

    task load_all;
        reg [H-1:0] data;
        begin
            for (k = 0; k < DEPTH; k = k + 1) begin
                data = 0;
                for (lane = 0; lane < LANES; lane = lane + 1)
                    data[lane*PAIR +: PAIR] = counters[k*LANES + lane];
                load(2'd0, k, data);
            end
            for (k = 0; k < HOMES; k = k + 1) begin
                data = 0; data[PAIR-1:0] = counters[SLOTS + k];
                load(2'd1, k, data);
            end
            for (k = 0; k < NEURONS; k = k + 1) begin
                data = 0; data[D-1:0] = offsets[k];
                load(2'd2, k, data);
            end
            data = 0; data[31:0] = 32'h@{seed};
            load(2'd3, 0, data);
        end
    endtask

    task check_counters;
        begin
            image = image + IMAGE;
            for (k = 0; k < DEPTH; k = k + 1) begin
                host_region = 2'd0; host_address = k[@{host_address_bits}-1:0];
                @(negedge clock);
                for (lane = 0; lane < LANES; lane = lane + 1)
                    if (host_data_out[lane*PAIR +: PAIR] !== counters[image + k*LANES + lane])
                        mismatch("counter", k*LANES + lane);
            end
            for (k = 0; k < HOMES; k = k + 1) begin
                host_region = 2'd1; host_address = k[@{host_address_bits}-1:0];
                @(negedge clock);
                if (host_data_out[PAIR-1:0] !== counters[image + SLOTS + k]) mismatch("home", k);
            end
        end
    endtask

@{table_checks}
    task run_step;
        begin
            observation = stimuli[step]; start = 1;
            @(negedge clock) start = 0;
            waited = 0;
            while (done !== 1'b1 && waited < @{watchdog}) begin
                if (drive_valid === 1'b1 && drive !== drives[step*NEURONS + {{(32-@{neuron_bits}){1'b0}}, neuron}])
                    mismatch("drive", {{(32-@{neuron_bits}){1'b0}}, neuron});
                @(negedge clock) waited = waited + 1;
            end
            cycles = cycles + waited;
            if (done !== 1'b1) begin
                $display("STALLED step=%0d", step);
                mismatches = mismatches + 1;
                step = STEPS;
            end else begin
                if (activity !== spikes[step]) mismatch("spike", 0);
                if (random_state !== registers[step]) mismatch("random", 0);
                if ((step + 1) % @{check_every} == 0 || step == STEPS - 1) check_counters;
            end
        end
    endtask

    initial begin
        $readmemh("stimuli.mem", stimuli);
        $readmemh("spikes.mem", spikes);
        $readmemh("drives.mem", drives);
        $readmemh("registers.mem", registers);
        $readmemh("counters.mem", counters);
        $readmemh("offsets.mem", offsets);
        $readmemh("logs.mem", logs);
        mismatches = 0; cycles = 0; image = 0; total = @{cycles};
        repeat (3) @(negedge clock);
        reset = 0;
        @(negedge clock);
        step = -1;
        load_all;
        check_tables;
        for (step = 0; step < STEPS; step = step + 1) run_step;
        if (cycles !== total) begin
            $display("MISMATCH cycles %0d, expected %0d", cycles, total);
            mismatches = mismatches + 1;
        end
        $display("RESULT steps=%0d mismatches=%0d cycles=%0d", STEPS, mismatches, cycles);
        $finish;
    end
endmodule
