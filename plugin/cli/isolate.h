/* isolate.h - a command in a process of its own, because what it reads may crash its reader */
#ifndef EG_CLI_ISOLATE_H
#define EG_CLI_ISOLATE_H

#include "cli.h"

/* Whether the arguments ask for what no digest has covered: --force. */
bool cli_wants_isolation(int argc, char **argv);

/* Run `command` in a child. In the child returns true, and *code is the command's; in the
 * parent false, when the child is gone: *code is its exit code, or that of damaged bytes if it
 * crashed, which is said in one line. SIGINT and SIGTERM reach the child. */
bool cli_isolate(int *code, cli_command command, int argc, char **argv);

#endif
