/* Decision core: @{inputs} inputs, @{outputs} decisions.  Integers only; no memory is allocated.
 *
 * Keep one `@{prefix}_decision_core`, all zero but for `habit` and `random` (a seed, not 0).
 * `@{prefix}_decide` takes a decision in the current context and makes the observation the next
 * context; `@{prefix}_learn` brings the risk of all decisions since, in units of 2^-16.
 */
#ifndef @{guard}
#define @{guard}
#include <stdint.h>

enum {
    @{prefix}_INPUTS = @{inputs},
    @{prefix}_DECISIONS = @{outputs},
    @{prefix}_DEPTH = @{depth}
};

typedef struct {
    int32_t habit[@{prefix}_DECISIONS];
    int16_t home[@{prefix}_DECISIONS];
    int16_t hebb[@{prefix}_DECISIONS][@{prefix}_INPUTS];
    uint8_t context[@{prefix}_INPUTS];
    uint8_t queue[@{prefix}_DEPTH][@{prefix}_INPUTS];
    uint16_t queue_decision[@{prefix}_DEPTH];
    uint32_t head, waiting;
    uint32_t random;
    int descending;
    uint32_t halvings, saturations;
    int32_t drive[@{prefix}_DECISIONS];   /* kept by @{prefix}_decide_on_events */
    uint8_t is_fresh[@{prefix}_DECISIONS];
    uint64_t evidence_reads;
} @{prefix}_decision_core;

void @{prefix}_observe(@{prefix}_decision_core *core, const uint8_t *observation);
unsigned @{prefix}_decide(@{prefix}_decision_core *core, const uint8_t *observation);
unsigned @{prefix}_decide_on_events(@{prefix}_decision_core *core, const uint8_t *observation);
void @{prefix}_learn(@{prefix}_decision_core *core, uint16_t risk);

#endif
