/* Self-checking testbench of @{prefix}: the same vectors and checks as the Verilog's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "@{prefix}_inference.c" /* not its header: tables are checked too */

#define STEPS @{steps}
#define DRIVE_MASK 0x@{drive_mask}u

static @{prefix}_inference core;
static long mismatches;

static FILE *open_vectors(const char *name)
{
    FILE *file = fopen(name, "r");
    if (!file) {
        printf("cannot read %s\n", name);
        exit(2);
    }
    return file;
}

static const char *next_word(FILE *file)
{
    static char text[2048];
    if (fscanf(file, "%2047s", text) != 1) {
        printf("vectors end too early\n");
        exit(2);
    }
    return text;
}

static uint32_t next_number(FILE *file)
{
    return (uint32_t)strtoul(next_word(file), NULL, 16);
}

static void next_bits(FILE *file, uint8_t *bits, int count)
{
    const char *text = next_word(file);
    int digits = (int)strlen(text);
    for (int i = 0; i < count; i++) {
        char digit[2] = {text[digits - 1 - i / 4], 0};
        bits[i] = (uint8_t)((strtoul(digit, NULL, 16) >> (i % 4)) & 1);
    }
}

static void compare(const char *what, int step, int where, uint32_t got, uint32_t wanted)
{
    if (got == wanted)
        return;
    if (mismatches++ < 5)
        printf("MISMATCH %s step=%d where=%d\n", what, step, where);
}

/* Pairs {off, on} of every slot, then of every home. */
static void check_counters(FILE *file, int step, int load)
{
    for (int entry = 0; entry < NEURONS * (SLOTS + GROUPS); entry++) {
        uint32_t pair = next_number(file), on = pair & @{counter_mask}u;
        uint32_t off = pair >> @{counter_bits};
        int is_home = entry >= NEURONS * SLOTS, k = entry - is_home * NEURONS * SLOTS;
        int size = is_home ? GROUPS : SLOTS;
        for (int bank = 0; bank < 2; bank++) {
            uint16_t *place = is_home ? &core.home[bank][k / size][k % size]
                                      : &core.hebb[bank][k / size][k % size];
            if (load)
                *place = (uint16_t)(bank ? off : on);
            else
                compare(is_home ? "home" : "counter", step, k, *place, bank ? off : on);
        }
    }
}

/* log2 of every count, and every entry of the sigmoid. */
static void check_tables(void)
{
    FILE *logs = open_vectors("logs.mem");
    for (uint32_t count = 0; count < 1u << @{counter_bits}; count++)
        compare("log2", -1, (int)count, (uint32_t)log2_fixed(count), next_number(logs));
@{sigmoid_check_c}
}

int main(void)
{
    FILE *stimuli = open_vectors("stimuli.mem"), *spikes = open_vectors("spikes.mem");
    FILE *drives = open_vectors("drives.mem"), *registers = open_vectors("registers.mem");
    FILE *counters = open_vectors("counters.mem"), *offsets = open_vectors("offsets.mem");
    uint8_t observation[@{PREFIX}_INPUTS], expected[NEURONS];
    check_counters(counters, -1, 1);
    for (int j = 0; j < NEURONS; j++) {
        uint32_t offset = next_number(offsets);
        core.offset[j] = (int32_t)(offset & (DRIVE_MASK >> 1)) - (int32_t)(offset & ~(DRIVE_MASK >> 1));
    }
    core.random_state = 0x@{seed}u;
    check_tables();
    for (int step = 0; step < STEPS; step++) {
        next_bits(stimuli, observation, @{PREFIX}_INPUTS);
        next_bits(spikes, expected, NEURONS);
        @{prefix}_infer(&core, observation, 1);
        for (int j = 0; j < NEURONS; j++) {
            compare("drive", step, j, (uint32_t)core.drive[j] & DRIVE_MASK, next_number(drives));
            compare("spike", step, j, core.activity[j], expected[j]);
        }
        compare("random", step, 0, core.random_state, next_number(registers));
        if ((step + 1) % @{check_every} == 0 || step == STEPS - 1)
            check_counters(counters, step, 0);
    }
    printf("RESULT steps=%d mismatches=%ld cycles=0\n", STEPS, mismatches);
    return mismatches != 0;
}
