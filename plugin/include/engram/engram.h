/* engram.h - all of Engram's public interface for programs that link libengram
 *
 *   status.h, alloc.h   how calls fail, where memory comes from
 *   network.h           look at a network: open, walk, check
 *   convert.h           from one kind of file to another
 *   results.h           judge results files, complete what a killed run has left
 *   model.h, sim.h      run it; live.h: in the caller's own arrays
 *   checkpoint.h        keep it as it stands, and go on from there
 *
 * Hosts that load the engine at run time include plugin_abi.h instead.
 */
#ifndef ENGRAM_ENGRAM_H
#define ENGRAM_ENGRAM_H

#include "engram/alloc.h"
#include "engram/checkpoint.h"
#include "engram/convert.h"
#include "engram/live.h"
#include "engram/model.h"
#include "engram/network.h"
#include "engram/results.h"
#include "engram/sim.h"
#include "engram/status.h"

#endif
