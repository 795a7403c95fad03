/* Child processes and signals. Included by CLinux.h. */
#ifndef CLINUX_PROCESS_H
#define CLINUX_PROCESS_H

/* pipe2 with O_CLOEXEC: ends[0] is read from, ends[1] is written to. */
int clinux_pipe(int ends[2]);

/* A descriptor of a process, CLOEXEC by nature; readable from the process's end on. */
int clinux_pidfd_open(int pid);

/* waitid(P_PIDFD, WEXITED | options). 1 where the process has ended, with CLD_EXITED, CLD_KILLED or CLD_DUMPED in `how`
 * and its exit code or signal in `status`; 0 where it has not (WNOHANG); -1 with errno. */
int clinux_wait(int pidfd, int options, int *how, int *status);

/* The environment of this program. */
char **clinux_environment(void);

/* posix_spawn_file_actions_addchdir_np and …_addclosefrom_np; `actions` is a posix_spawn_file_actions_t. */
int clinux_spawn_change_directory(void *actions, const char *path);
int clinux_spawn_close_from(void *actions, int first);

/* `TERM` for SIGTERM; NULL for a number without a name. */
const char *clinux_signal_name(int number);

#endif
