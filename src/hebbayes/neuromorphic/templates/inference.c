/* Inference layer in integers: the same numbers as the model and the Verilog, bit for bit. */
#include "@{prefix}_inference.h"

#define INPUTS @{PREFIX}_INPUTS
#define NEURONS @{PREFIX}_NEURONS
#define GROUPS @{PREFIX}_GROUPS
#define SLOTS @{PREFIX}_SLOTS
#define LOG_BITS @{PREFIX}_LOG_BITS
#define SIGMOID_BITS @{PREFIX}_SIGMOID_BITS
#define ON @{PREFIX}_ON
#define OFF @{PREFIX}_OFF

@{sigmoid_c}static const int learns_group[2] = {@{learns_inputs}, @{learns_recurrent}};

/* Random bits: a shift register of 32 bits, 16 places per draw; the lowest 16 bits are new. */
static uint32_t draw(@{prefix}_inference *core)
{
    uint32_t s = core->random_state;
    uint32_t fresh = ((s >> 16) ^ (s >> 14) ^ (s >> 10) ^ (s >> 9)) & 0xFFFFu;
    core->random_state = (s << 16) | fresh;
    return core->random_state;
}

/* log2 of a count: the place of its leading one, then the bits below it. */
static int32_t log2_fixed(uint32_t count)
{
    int place = 0;
    uint32_t fraction;
    if (count < 1)
        return 0;
    while (count >> (place + 1))
        place++;
    fraction = count - (1u << place);
    if (place > LOG_BITS)
        fraction >>= place - LOG_BITS;
    else
        fraction <<= LOG_BITS - place;
    return (int32_t)(((uint32_t)place << LOG_BITS) + fraction);
}

/* Half of a count, an odd one rounded by a bit that the counts of a neuron share. */
static uint16_t halve(uint16_t count, uint32_t rounding)
{
    return (uint16_t)((count + rounding) >> 1);
}

static int group_of(int slot)
{
    return slot >= @{PREFIX}_RECURRENT_SLOT;
}

static int32_t drive_of(const @{prefix}_inference *core, const uint8_t lines[SLOTS], int neuron)
{
    int32_t drive = core->offset[neuron];
    for (int slot = 0; slot < SLOTS; slot++) {
        int group = group_of(slot);
        uint32_t home_on = core->home[ON][neuron][group];
        uint32_t home_off = core->home[OFF][neuron][group];
        uint32_t on = core->hebb[ON][neuron][slot], off = core->hebb[OFF][neuron][slot];
        if (!lines[slot]) {
            on = home_on - on;
            off = home_off - off;
        }
        drive += log2_fixed(on) - log2_fixed(off) - (log2_fixed(home_on) - log2_fixed(home_off));
    }
    return drive;
}

static int fires(@{prefix}_inference *core, int32_t drive)
{
@{fires_c}
}

/* Counts an event: x of the neuron, and the lines that were on. */
static void count_event(@{prefix}_inference *core, const uint8_t lines[SLOTS], int neuron, int x)
{
    int bank = x ? ON : OFF;
    int learns[2] = {0, 0}, halves[2] = {0, 0};
    uint32_t rounding;
    for (int group = 0; group < GROUPS; group++) {
        int is_full = core->home[bank][neuron][group] >= @{PREFIX}_FULL_HOME;
        learns[group] = learns_group[group] && !(@{saturates} && is_full);
        halves[group] = learns[group] && is_full;
    }
    if (halves[0] || halves[1])
        draw(core);
    rounding = core->random_state & 1u;
    for (int slot = 0; slot < SLOTS; slot++) {
        int group = group_of(slot);
        if (halves[group]) {
            core->hebb[ON][neuron][slot] = halve(core->hebb[ON][neuron][slot], rounding);
            core->hebb[OFF][neuron][slot] = halve(core->hebb[OFF][neuron][slot], rounding);
        }
        if (learns[group] && lines[slot])
            core->hebb[bank][neuron][slot]++;
    }
    for (int group = 0; group < GROUPS; group++) {
        if (halves[group]) {
            core->home[ON][neuron][group] = halve(core->home[ON][neuron][group], rounding);
            core->home[OFF][neuron][group] = halve(core->home[OFF][neuron][group], rounding);
        }
        core->home[bank][neuron][group] += (uint16_t)learns[group];
    }
}

void @{prefix}_infer(@{prefix}_inference *core, const uint8_t observation[INPUTS], int learn)
{
    uint8_t lines[SLOTS] = {0}, activity[NEURONS];
    for (int i = 0; i < INPUTS; i++)
        lines[i] = observation[i];
@{recurrent_lines}
    for (int neuron = 0; neuron < NEURONS; neuron++) {
        core->drive[neuron] = drive_of(core, lines, neuron);
        activity[neuron] = (uint8_t)fires(core, core->drive[neuron]);
        if (learn)
            count_event(core, lines, neuron, activity[neuron]);
    }
    for (int neuron = 0; neuron < NEURONS; neuron++)
        core->activity[neuron] = activity[neuron];
}
