/* net_run.h - the network as its k-th run begins
 *
 * A recorded script has several runs. The document's `code` and `state` are those of the first;
 * a later run holds what is different: the code if Brian2 made it anew, and those arrays,
 * queues and random streams that the script changed in between.
 */
#ifndef EG_NETWORK_NET_RUN_H
#define EG_NETWORK_NET_RUN_H

#include "network/net.h"

/* Whether run `run` holds code or state of its own. */
bool eg_net_run_differs(const eg_net *net, size_t run);

/* A view of `net` whose document has the code of run `run`, and as state what was stated last
 * for each array, queue and stream up to it. (What a run computes is not in a file: a view's
 * arrays have the right types and sizes, not the right values.) Lists live in `arena`,
 * everything else is borrowed from `net`; the view is not released. E_MEMORY. */
engram_status eg_net_at_run(eg_net *view, const eg_net *net, size_t run, eg_arena *arena,
                            engram_error *err);

#endif
