// Random bits: a linear feedback shift register of 32 bits, 16 places per draw, on use only.
// Taps 32, 30, 26, 25; the lowest 16 bits are new after each draw.  The seed must not be 0.
module @{prefix}_lfsr (
    input  wire        clock,
    input  wire        load,        // take the seed
    input  wire [31:0] seed,
    input  wire        draw,        // move 16 places
    output reg  [31:0] state
);
    wire [15:0] fresh = state[31:16] ^ state[29:14] ^ state[25:10] ^ state[24:9];

    always @(posedge clock)
        if (load)      state <= seed;
        else if (draw) state <= {state[15:0], fresh};
endmodule
