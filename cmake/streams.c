/* streams.c - the C library's streams under the names that archives carried in a wheel use
 * (EngramWheel.cmake). Those refer to variables of their own shared object; the C library's can
 * only be reached through its table, which their code, compiled for programs, does not do. */
#include <stdio.h>

__attribute__((visibility("hidden"))) FILE *eg_wheel_stderr, *eg_wheel_stdout;

__attribute__((constructor)) static void take_streams(void)
{
    eg_wheel_stderr = stderr;
    eg_wheel_stdout = stdout;
}
