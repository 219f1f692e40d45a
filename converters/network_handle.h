/* network_handle.h - what stands behind engram_network */
#ifndef EG_CONVERTERS_NETWORK_HANDLE_H
#define EG_CONVERTERS_NETWORK_HANDLE_H

#include "engram/network.h"
#include "network/net.h"

struct engram_network {
    const engram_alloc *alloc;
    eg_net *net;
};

#endif
