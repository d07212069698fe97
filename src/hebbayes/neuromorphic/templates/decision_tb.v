// Self-checking test of the decision core: plays the commands of a file, compares every result.
// Each line of vectors.txt: command, data, whether to compare, the result wanted (hexadecimal).
`timescale 1ns / 1ps

module @{prefix}_decision_tb;
    reg         clock = 1'b0;
    reg         reset = 1'b1;
    reg  [3:0]  command = 4'd0;
    reg  [15:0] data = 16'd0;
    wire        busy, fault;
    wire [@{result_top}:0] result;

    @{prefix}_decision core (
        .clock(clock), .reset(reset), .command(command), .data(data),
        .busy(busy), .fault(fault), .result(result)
    );

    integer file, n_read, next_command, next_data, compare, wanted;
    integer commands = 0, compared = 0, mismatches = 0, steps = 0;
    integer cycles, longest_step = 0;

    always #5 clock = !clock;

    initial begin
        file = $fopen("vectors.txt", "r");
        if (file == 0) begin $display("FAIL no vectors.txt");  $finish; end
        repeat (4) @(negedge clock);
        reset = 1'b0;
        n_read = $fscanf(file, "%h %h %h %h", next_command, next_data, compare, wanted);
        while (n_read == 4) begin
            @(negedge clock);
            command = next_command[3:0];
            data = next_data[15:0];
            @(negedge clock);
            command = 4'd0;
            cycles = 1;
            while (busy !== 1'b0 && cycles < @{watchdog} + 8) begin
                @(negedge clock);
                cycles = cycles + 1;
            end
            commands = commands + 1;
            if (next_command == 12) begin
                steps = steps + 1;
                if (cycles > longest_step) longest_step = cycles;
            end
            if (compare == 1) begin
                compared = compared + 1;
                if (result !== wanted[@{result_top}:0]) begin
                    mismatches = mismatches + 1;
                    if (mismatches <= 5)
                        $display("line %0d: command %0d returned %h, wanted %h",
                                 commands, next_command, result, wanted[@{result_top}:0]);
                end
            end
            n_read = $fscanf(file, "%h %h %h %h", next_command, next_data, compare, wanted);
        end
        if (fault !== 1'b0) mismatches = mismatches + 1;
        $display("commands %0d compared %0d mismatches %0d steps %0d cycles_per_step %0d",
                 commands, compared, mismatches, steps, longest_step);
        if (mismatches == 0 && compared > 0 && $feof(file)) $display("PASS");
        else $display("FAIL");
        $finish;
    end
endmodule
