"""Learning cores from canonical networks: integers only, in C and Verilog, verified and priced.

A `DeviceSpec` describes the core; ``inference`` holds the layers W and K, ``decision`` the layer V.
Each layer has one integer model, which is the contract: the C and the Verilog repeat it bit for bit
(docs/chip.md).
"""
