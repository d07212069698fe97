/* Decision core: see @{prefix}_decision.h.  Bit for bit the core in @{prefix}_decision.v. */
#include "@{prefix}_decision.h"

#include <string.h>

enum {
    INPUTS = @{prefix}_INPUTS,
    DECISIONS = @{prefix}_DECISIONS,
    DEPTH = @{prefix}_DEPTH,
    PRIOR = @{prior},          /* count that all evidence stands beside */
    LIMIT = @{limit},          /* evidence lies in [-LIMIT, LIMIT - 1] */
    LOG_BITS = @{log_bits},        /* fractional bits of log2 */
    DRAW_BITS = @{draw_bits}        /* random bits of a decision's noise */
};

typedef @{prefix}_decision_core core_t;

/* Gumbel noise in the middle of each cell: leading zeros of the draw x the 7 bits that follow */
static const int32_t noise_table[1024] = {
@{noise_rows}
};

/* log2 by the leading one, linear between powers of two, in units of 2^-LOG_BITS */
static int32_t log2_fixed(int32_t count)
{
    int place = 0;
    while (count >> (place + 1)) place++;
    int32_t fraction = count - ((int32_t)1 << place);
    fraction = place > LOG_BITS ? fraction >> (place - LOG_BITS) : fraction << (LOG_BITS - place);
    return (place << LOG_BITS) + fraction;
}

static int32_t log_of_cell(int32_t evidence) { return log2_fixed(PRIOR + evidence); }

static int32_t log_of_row(int32_t home) { return log2_fixed(2 * PRIOR + home) - (1 << LOG_BITS); }

/* floor(value / 2), also below 0 */
static int32_t half_of(int32_t value) { return value >= 0 ? value / 2 : -((1 - value) / 2); }

/* 16 new bits of the shift register with taps 32, 30, 26, 25 */
static uint32_t draw(core_t *core)
{
    uint32_t r = core->random;
    uint32_t fresh = (r >> 16) ^ (r >> 14) ^ (r >> 10) ^ (r >> 9);
    core->random = (r << 16) | (fresh & 0xffffu);
    return core->random & 0xffffu;
}

static int32_t noise(core_t *core)
{
    uint32_t v = draw(core) & ((1u << DRAW_BITS) - 1);
    int zeros = 0;
    if (DRAW_BITS < 16) v = (v << (16 - DRAW_BITS)) | ((1u << (16 - DRAW_BITS)) >> 1);
    while (zeros < 15 && !(v >> (15 - zeros) & 1)) zeros++;
    int row = zeros < 7 ? zeros : 7;
    uint32_t mantissa = (v << zeros) >> 8 & 127u;
    return noise_table[row * 128 + mantissa] + (zeros - row) * (1 << LOG_BITS);
}

static int32_t sum_of_row(core_t *core, int k)
{
    int32_t home = core->home[k], normaliser = log_of_row(home), sum = 0;
    for (int i = 0; i < INPUTS; i++) {
        int32_t hebb = core->hebb[k][i];
        sum += log_of_cell(core->context[i] ? hebb : home - hebb) - normaliser;
    }
    core->evidence_reads += INPUTS;
    return sum;
}

static unsigned choose(core_t *core)
{
    int32_t best = 0;
    unsigned chosen = 0;
    for (int turn = 0; turn < DECISIONS; turn++) {
        int k = core->descending ? DECISIONS - 1 - turn : turn;
        int32_t reached = core->drive[k] + core->habit[k] + noise(core);
        if (turn == 0 || reached > best) {
            best = reached;
            chosen = (unsigned)k;
        }
    }
    core->descending = !core->descending;
    memcpy(core->queue[core->head], core->context, INPUTS);
    core->queue_decision[core->head] = (uint16_t)chosen;
    core->head = (core->head + 1) % DEPTH;
    if (core->waiting < DEPTH) core->waiting++;
    return chosen;
}

void @{prefix}_observe(core_t *core, const uint8_t *observation)
{
    memcpy(core->context, observation, INPUTS);
    memset(core->is_fresh, 0, sizeof core->is_fresh);
}

unsigned @{prefix}_decide(core_t *core, const uint8_t *observation)
{
    for (int k = 0; k < DECISIONS; k++) core->drive[k] = sum_of_row(core, k);
    unsigned chosen = choose(core);
    @{prefix}_observe(core, observation);
    return chosen;
}

/* The same decisions; reads only rows that learnt and columns of inputs that changed. */
unsigned @{prefix}_decide_on_events(core_t *core, const uint8_t *observation)
{
    for (int k = 0; k < DECISIONS; k++)
        if (!core->is_fresh[k]) {
            core->drive[k] = sum_of_row(core, k);
            core->is_fresh[k] = 1;
        }
    unsigned chosen = choose(core);
    for (int i = 0; i < INPUTS; i++) {
        if (observation[i] == core->context[i]) continue;
        for (int k = 0; k < DECISIONS; k++) {
            int32_t hebb = core->hebb[k][i];
            int32_t rise = log_of_cell(hebb) - log_of_cell(core->home[k] - hebb);
            core->drive[k] += observation[i] ? rise : -rise;
        }
        core->context[i] = observation[i];
        core->evidence_reads += DECISIONS;
    }
    return chosen;
}

static void learn_row(core_t *core, int k, const uint8_t *context, int32_t sign)
{
    int32_t home = core->home[k] + sign;
    int halves = home < -LIMIT || home >= LIMIT;
    int32_t rounding = halves ? (int32_t)(draw(core) & 1u) : 0;
    core->home[k] = (int16_t)(halves ? half_of(home + rounding) : home);
    core->halvings += (uint32_t)halves;
    for (int i = 0; i < INPUTS; i++) {
        int32_t hebb = core->hebb[k][i] + (context[i] ? sign : 0);
        if (halves) hebb = half_of(hebb + rounding);
        if (hebb < -LIMIT || hebb >= LIMIT) {
            core->saturations++;
            hebb = hebb < 0 ? -LIMIT : LIMIT - 1;
        }
        core->hebb[k][i] = (int16_t)hebb;
    }
    core->is_fresh[k] = 0;
}

void @{prefix}_learn(core_t *core, uint16_t risk)
{
    int32_t modulation = 65536 - 2 * (int32_t)risk;
    uint32_t chance = (uint32_t)(modulation < 0 ? -modulation : modulation);
    for (uint32_t age = core->waiting; age > 0; age--) {
        uint32_t entry = (core->head + DEPTH - age) % DEPTH;
        if (draw(core) < chance)
            learn_row(core, core->queue_decision[entry], core->queue[entry],
                      modulation < 0 ? -1 : 1);
    }
    core->waiting = 0;
}
