#include "progress.h"

#include "quantity.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_SIZE = 128 };

double cli_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void cli_progress_begin(cli_progress *p, bool wanted)
{
    memset(p, 0, sizeof *p);
    p->shown = wanted && isatty(STDERR_FILENO);
}

/* Over what stood there before: a terminal that knows no more than \r suffices. */
static void write_line(cli_progress *p, const char *text)
{
    const size_t length = strlen(text);
    fprintf(stderr, "\r%s%*s", text, length < p->written ? (int)(p->written - length) : 0, "");
    fflush(stderr);
    p->written = length;
}

static void compose(const cli_progress *p, const engram_progress *at, double now,
                    char text[LINE_SIZE])
{
    char time[32], left[32] = "?", part[32] = "";
    const double done = (double)(at->step - p->step), wall = now - p->began;
    const double share = at->steps ? (double)at->step / (double)at->steps : 0;
    if (at->runs > 1)
        snprintf(part, sizeof part, "run %u of %u  ", at->run + 1, at->runs);
    if (done > 0 && at->steps >= at->step)
        cli_wait_text(left, sizeof left, wall * (double)(at->steps - at->step) / done);
    snprintf(text, LINE_SIZE, "%s%5.1f %%  t = %s  RTF %.3g  %s left", part,
             share < 1 ? 100 * share : 100.0, cli_time_text(time, sizeof time, at->t, 4),
             at->t > p->t ? wall / (at->t - p->t) : 0.0, left);
}

void cli_progress_show(cli_progress *p, const engram_progress *at)
{
    char text[LINE_SIZE];
    if (!p->shown)
        return;
    const double now = cli_clock();
    if (!p->begun || p->run != at->run) {
        p->begun = true;
        p->run = at->run;
        p->step = at->step;
        p->t = at->t;
        p->began = now;
        return;
    }
    if (now - p->last < 0.1)
        return;
    p->last = now;
    compose(p, at, now, text);
    write_line(p, text);
}

void cli_progress_end(cli_progress *p)
{
    if (!p->written)
        return;
    write_line(p, "");
    fputc('\r', stderr);
    fflush(stderr);
}
