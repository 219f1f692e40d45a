/* hdf5_writer net <path>      write a filled network as an archive
 * hdf5_writer run <path>      record; after each line on stdin 1000 steps more, flushed and
 *                             answered by a line; at the end of stdin finish */
#include "hdf5/h5.h"
#include "unit/hdf5_fill.h"

#include <stdio.h>
#include <string.h>

static int complain(engram_status status, const engram_error *err)
{
    if (status)
        fprintf(stderr, "%s\n", err->message);
    return status != 0;
}

static int record(const char *path)
{
    static const engram_record_column voltage = {
        .name = "v", .dtype = ENGRAM_RECORD_F64, .dim = {2, 1, -3, -1}, .unit = "mV"};
    static const int32_t rows[2] = {5, 2};
    static const engram_record_monitor monitors[2] = {
        {.name = "spikes", .kind = ENGRAM_RECORD_SPIKES, .source = "P", .rows = 10, .keep = 1},
        {.name = "states",
         .kind = ENGRAM_RECORD_STATES,
         .source = "P",
         .columns = &voltage,
         .column_count = 1,
         .rows = 2,
         .indices = rows}};
    const engram_record_header header = {"net.h5", NULL, "engram test", NULL};
    const engram_record_run run = {0,  1, 1, 0.5, "strict", "brian-runtime", "brian2-runtime",
                                   -1, 1, 1};
    const double delay[2] = {1e-3, 2e-3};
    const engram_record_array array = {"S_pre", "delay", ENGRAM_RECORD_F64, 2,
                                       0,       delay,   {0, 0, 1},         "ms"};
    const engram_record_final final = {0.3, 1, &array, 1};
    eg_recorder *r = NULL;
    engram_error err = {0};
    char line[64];
    int step = 0;
    if (complain(eg_h5_record_open(&r, path, &header, monitors, 2, NULL, &err), &err))
        return 1;
    while (fgets(line, sizeof line, stdin)) {
        for (const int end = step + 1000; step < end; step++) {
            const int32_t i = step % 10;
            const double t = step * 1e-4, v[2] = {step, -step};
            const void *columns[1] = {v};
            if (complain(eg_h5_record_events(r, 0, 1, &i, &t, NULL, &err), &err) ||
                complain(eg_h5_record_samples(r, 1, 1, &t, columns, &err), &err))
                return 1;
        }
        if (complain(eg_h5_record_flush(r, &err), &err))
            return 1;
        printf("%d\n", step);
        fflush(stdout);
    }
    return complain(eg_h5_record_run(r, &run, NULL, &err), &err) ||
           complain(eg_h5_record_finish(r, &final, &err), &err);
}

int main(int argc, char **argv)
{
    engram_error err = {0};
    if (argc != 3)
        return 2;
    if (!strcmp(argv[1], "run"))
        return record(argv[2]);
    eg_net *net = fill_net(5, false);
    const int code = complain(eg_h5_write_net(net, argv[2], 0, NULL, &err), &err);
    eg_net_free(net);
    return code;
}
