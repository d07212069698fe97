/* Inference layer: @{neurons} neurons, @{inputs} inputs@{recurrent_words}.  C99, integers only. */
#ifndef @{guard}
#define @{guard}

#include <stdint.h>

enum {
    @{PREFIX}_INPUTS = @{inputs},
    @{PREFIX}_NEURONS = @{neurons},
    @{PREFIX}_GROUPS = @{groups},            /* of lines: inputs, and neurons if recurrent */
    @{PREFIX}_SLOTS = @{slots},              /* of a neuron; those without a line stay 0 */
    @{PREFIX}_RECURRENT_SLOT = @{recurrent_slot}, /* first slot of the last activity */
    @{PREFIX}_FULL_HOME = @{full_home},
    @{PREFIX}_LOG_BITS = @{log_bits},
    @{PREFIX}_SIGMOID_BITS = @{sigmoid_bits}
};

enum { @{PREFIX}_ON = 0, @{PREFIX}_OFF = 1 };

typedef struct {
    uint16_t hebb[2][@{PREFIX}_NEURONS][@{PREFIX}_SLOTS];  /* state of the neuron first */
    uint16_t home[2][@{PREFIX}_NEURONS][@{PREFIX}_GROUPS];
    int32_t  offset[@{PREFIX}_NEURONS];      /* log2 D1/D0, in units of 2^-LOG_BITS */
    uint8_t  activity[@{PREFIX}_NEURONS];    /* x of the last step */
    int32_t  drive[@{PREFIX}_NEURONS];       /* of the last step, same units as offset */
    uint32_t random_state;                   /* not 0 */
} @{prefix}_inference;

/* One step: infers x from the observation and the last activity, then counts the event. */
void @{prefix}_infer(@{prefix}_inference *core, const uint8_t observation[@{PREFIX}_INPUTS], int learn);

#endif
