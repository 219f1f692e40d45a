#include "isolate.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

bool cli_wants_isolation(int argc, char **argv)
{
    for (int k = 1; k < argc && strcmp(argv[k], "--") != 0; k++)
        if (strcmp(argv[k], "--force") == 0)
            return true;
    return false;
}

/* A signal handler has no other way to know. */
static volatile sig_atomic_t child;

static void pass_on(int number)
{
    if (child > 0)
        kill((pid_t)child, number);
}

static bool crashed(int number)
{
    return number == SIGSEGV || number == SIGBUS || number == SIGABRT || number == SIGFPE ||
           number == SIGILL || number == SIGTRAP || number == SIGSYS;
}

static int outcome(int state)
{
    if (WIFEXITED(state))
        return WEXITSTATUS(state);
    const int number = WTERMSIG(state);
    if (!crashed(number)) {
        signal(number, SIG_DFL); /* as if there had been one process */
        raise(number);
        return 128 + number;
    }
    fprintf(stderr,
            "engram: what was opened by force crashed its reader (%s): damaged beyond use\n",
            strsignal(number));
    return engram_status_exit_code(ENGRAM_E_FORMAT);
}

bool cli_isolate(int *code, cli_command command, int argc, char **argv)
{
    struct sigaction action, interrupt, terminate;
    memset(&action, 0, sizeof action);
    action.sa_handler = pass_on;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    fflush(stdout);
    fflush(stderr);
    const pid_t made = fork();
    if (made <= 0) { /* the child; or no process is to be had, and one must do */
        *code = command(argc, argv);
        return true;
    }
    /* Ctrl-C goes to the whole group: the child hears it without us. */
    sigaction(SIGINT, NULL, &interrupt);
    sigaction(SIGTERM, NULL, &terminate);
    signal(SIGINT, SIG_IGN);
    child = (sig_atomic_t)made;
    if (terminate.sa_handler != SIG_IGN)
        sigaction(SIGTERM, &action, NULL);
    int state = 0;
    while (waitpid(made, &state, 0) < 0 && errno == EINTR)
        continue;
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGTERM, &terminate, NULL);
    *code = outcome(state);
    return false;
}
