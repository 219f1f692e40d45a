/* The smallest user of an installed Engram. */
#include <engram/alloc.h>
#include <engram/status.h>

#include <string.h>

int main(void)
{
    const engram_alloc *heap = engram_default_alloc();
    void *block = heap->resize(heap->context, NULL, 0, 16);
    heap->resize(heap->context, block, 16, 0);
    return !block || strcmp(engram_status_name(ENGRAM_E_IO), "ENGRAM_E_IO") != 0;
}
