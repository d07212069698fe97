/* Self-checking test of the decision core in C: plays vectors.txt through the host's commands. */
#include <stdio.h>
#include <string.h>

#include "@{prefix}_decision.h"

enum { LANES = @{lanes}, WORDS = @{words}, STRIDE = @{stride}, RESULT_MASK = @{result_mask} };

static @{prefix}_decision_core core;
static uint8_t next[@{prefix}_INPUTS + LANES], now[@{prefix}_INPUTS + LANES];
static int32_t buffer[LANES];
static uint32_t address, result;

static int32_t signed_of(uint32_t data, int bits)
{
    int32_t value = (int32_t)(data & ((1u << bits) - 1));
    return value >> (bits - 1) ? value - (1 << bits) : value;
}

static int16_t *cell_of(unsigned lane)
{
    unsigned row = address / STRIDE, input = address % STRIDE * LANES + lane;
    return row < @{prefix}_DECISIONS && input < @{prefix}_INPUTS ? &core.hebb[row][input] : NULL;
}

static void rotate(int32_t last)
{
    memmove(buffer, buffer + 1, (LANES - 1) * sizeof buffer[0]);
    buffer[LANES - 1] = last;
}

static void load_context(uint8_t *context, unsigned data)
{
    for (unsigned lane = 0; lane < LANES; lane++)
        if (address % STRIDE < WORDS) context[address % STRIDE * LANES + lane] = data >> lane & 1;
}

static void play(unsigned command, unsigned data, int on_events)
{
    switch (command) {
    case 1: address = data; return;
    case 2: rotate(signed_of(data, @{evidence_bits})); return;
    case 3:
        for (unsigned lane = 0; lane < LANES; lane++)
            if (cell_of(lane)) *cell_of(lane) = (int16_t)buffer[lane];
        break;
    case 4:
        for (unsigned lane = 0; lane < LANES; lane++)
            buffer[lane] = cell_of(lane) ? *cell_of(lane) : 0;
        break;
    case 5: result = (uint32_t)buffer[0]; rotate(buffer[0]); return;
    case 6: core.home[address] = (int16_t)signed_of(data, @{evidence_bits}); break;
    case 7: result = (uint32_t)core.home[address]; break;
    case 8: core.habit[address] = signed_of(data, @{habit_bits}); break;
    case 9: core.random = (core.random >> 16) | ((uint32_t)data << 16); return;
    case 10: load_context(now, data); @{prefix}_observe(&core, now); break;
    case 11: load_context(next, data); break;
    case 12:
        result = on_events ? @{prefix}_decide_on_events(&core, next)
                           : @{prefix}_decide(&core, next);
        return;
    case 13: @{prefix}_learn(&core, (uint16_t)data); return;
    }
    address++;
}

int main(int count, char **words)
{
    unsigned command, data, compare, wanted;
    unsigned long commands = 0, compared = 0, mismatches = 0, steps = 0;
    int n_read, on_events = count > 1 && strcmp(words[1], "events") == 0;
    FILE *file = fopen("vectors.txt", "r");
    if (!file) return 2;
    while ((n_read = fscanf(file, "%x %x %x %x", &command, &data, &compare, &wanted)) == 4) {
        play(command, data, on_events);
        commands++;
        steps += command == 12;
        if (!compare) continue;
        compared++;
        if ((result & RESULT_MASK) != wanted && ++mismatches <= 5)
            printf("line %lu: command %u returned %x, wanted %x\n", commands, command,
                   result & RESULT_MASK, wanted);
    }
    printf("commands %lu compared %lu mismatches %lu steps %lu evidence_reads %llu\n", commands,
           compared, mismatches, steps, (unsigned long long)core.evidence_reads);
    printf("halvings %u saturations %u\n", core.halvings, core.saturations);
    puts(mismatches == 0 && compared > 0 && n_read == EOF ? "PASS" : "FAIL");
    return mismatches != 0;
}
