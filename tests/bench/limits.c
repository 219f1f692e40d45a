/* limits.c - what this machine could do: the figures behind "% of limit"
 *
 *     limits <bytes of neuron state> <target neurons>
 *
 * prints, as JSON, one thread:
 *   rmw_gbs      read-modify-write bandwidth at that working set
 *   exp_ns       one float64 exp in a vectorised polynomial loop
 *   scatter_ns   one `target[post[k]] += w` with that many targets
 * A step of N neurons with b bytes and x exponentials each cannot take less than
 * N * max(b / rmw, x * exp); an event not less than scatter. Best of several passes.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PASSES = 7, EXPS = 4096 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double rmw_gbs(size_t bytes)
{
    const size_t n = bytes / sizeof(double);
    double *x = calloc(n, sizeof *x);
    double best = 0;
    if (!x)
        return 0;
    const size_t repeat = 1 + (size_t)200e6 / (bytes + 1);
    for (int pass = 0; pass < PASSES; pass++) {
        const double start = seconds();
        for (size_t r = 0; r < repeat; r++) {
            for (size_t k = 0; k < n; k++)
                x[k] = x[k] * 0.999 + 1.0;
            __asm__ volatile("" : : "r"(x) : "memory");
        }
        const double rate = 2e-9 * (double)(n * sizeof *x * repeat) / (seconds() - start);
        best = rate > best ? rate : best;
    }
    free(x);
    return best;
}

/* Cody-Waite reduction and a degree-11 Taylor polynomial: the cost of an exp, not its best
 * accuracy. */
static double exp_cost(double x)
{
    const double shift = 0x1.8p52;
    const double k = (x * 1.4426950408889634 + shift) - shift;
    const double r = (x - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10;
    double p = 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    double scale = k + (shift + 1023);
    uint64_t bits;
    memcpy(&bits, &scale, sizeof bits);
    bits <<= 52;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

static double exp_ns(void)
{
    static double x[EXPS], y[EXPS];
    double best = 1e9;
    for (int k = 0; k < EXPS; k++)
        x[k] = -20.0 + 0.01 * k;
    for (int pass = 0; pass < PASSES; pass++) {
        const double start = seconds();
        for (int r = 0; r < 2000; r++) {
            for (int k = 0; k < EXPS; k++)
                y[k] = exp_cost(x[k]);
            __asm__ volatile("" : : "r"(y) : "memory");
        }
        const double cost = 1e9 * (seconds() - start) / (2000.0 * EXPS);
        best = cost < best ? cost : best;
    }
    return best;
}

static double scatter_ns(uint32_t targets)
{
    enum { ROW = 80, ROWS = 4000 };
    uint32_t *post = malloc(sizeof *post * ROW * ROWS);
    double *target = calloc(targets, sizeof *target);
    double best = 1e9;
    if (!post || !target) {
        free(post);
        free(target);
        return 0;
    }
    uint64_t state = 42;
    for (size_t k = 0; k < (size_t)ROW * ROWS; k++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        post[k] = (uint32_t)((state >> 33) % targets);
    }
    for (int pass = 0; pass < PASSES; pass++) {
        const double start = seconds();
        for (int r = 0; r < 20; r++)
            for (size_t k = 0; k < (size_t)ROW * ROWS; k++)
                target[post[k]] += 1e-3;
        const double cost = 1e9 * (seconds() - start) / (20.0 * ROW * ROWS);
        best = cost < best ? cost : best;
    }
    free(post);
    free(target);
    return best;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: limits <bytes of neuron state> <target neurons>\n");
        return 2;
    }
    const unsigned long bytes = strtoul(argv[1], NULL, 10);
    const unsigned long targets = strtoul(argv[2], NULL, 10);
    if (bytes < 64 || !targets || targets > UINT32_MAX) {
        fprintf(stderr, "limits: at least 64 bytes and 1 target are wanted\n");
        return 2;
    }
    printf("{\"rmw_gbs\": %.1f, \"exp_ns\": %.4f, \"scatter_ns\": %.4f}\n", rmw_gbs(bytes),
           exp_ns(), scatter_ns((uint32_t)targets));
    return 0;
}
