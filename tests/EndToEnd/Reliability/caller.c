// Calls plugins one after the other and can kill or hold one at an exact instant. It stays in the sandbox, so that a call costs a fork and
// not the way into the sandbox, too.
//
//   caller      reads requests from standard input until its end and answers each on standard output
//
// A request is a line of numbers, "INSTANT HOLDS TIMEOUT PATHS VARIABLES INPUT", and behind it what they count: the program's path and
// the variables, each ended by a NUL, of PATHS and VARIABLES bytes together, and INPUT bytes for its standard input. INSTANT -1 leaves the
// call alone, 0 counts the system calls of all its threads, and n > 0 kills it, SIGKILL to all of it, at the entry of the n-th; or, if
// HOLDS is 1, holds it there: a line "held" is the first answer, and an empty line lets it go on. Meanwhile the other threads stop at the
// next entry or exit of a system call, so the node sees no more of it than calls that had begun. TIMEOUT is in milliseconds, without
// those that it is held. The answer is a line "STATUS CALLS OUTPUT ERROR" with the wait status (-1: timed out, and killed), the
// system calls counted, and the lengths of both outputs, and behind it the outputs.
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE };

static volatile sig_atomic_t late;
static pid_t plugin;

static void timed_out(int signal) {
    (void)signal;
    late = 1;
    kill(plugin, SIGKILL);
}

static char *take(size_t length) {
    char *bytes = malloc(length + 1);
    if (!bytes || fread(bytes, 1, length, stdin) != length)
        errx(1, "a request ended early");
    bytes[length] = 0;
    return bytes;
}

static int temporary(void) {
    int file = memfd_create("caller", MFD_CLOEXEC);
    if (file < 0)
        err(1, "memfd_create");
    return file;
}

// A pipe, as a runtime has it, unless the text is longer than a pipe holds.
static int source(const char *text, size_t length) {
    int ends[2], file;
    if (length > 65536)
        file = temporary();
    else if (pipe2(ends, O_CLOEXEC))
        err(1, "pipe");
    else
        file = ends[1];
    if (write(file, text, length) != (ssize_t)length)
        err(1, "the input");
    if (length > 65536)
        return lseek(file, 0, SEEK_SET), file;
    close(file);
    return ends[0];
}

static void run(const char *path, char **environment, int in, int out, int error, int traced) {
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(error, 2) < 0)
        _exit(126);
    if (traced) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
    }
    execve(path, (char *[]){(char *)path, 0}, environment);
    dprintf(2, "%s: %s\n", path, strerror(errno));
    _exit(127);
}

// Every thread stops at the entry and at the exit of each system call; which of both a stop is, the kernel says.
static int is_entry(pid_t thread) {
    struct __ptrace_syscall_info info;
    return ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) > 0 && info.op == PTRACE_SYSCALL_INFO_ENTRY;
}

// Nobody lets the traced threads go on until the word comes, for that is done by this thread alone.
static void hold(void) {
    struct itimerval left;
    setitimer(ITIMER_REAL, &(struct itimerval){0}, &left);
    puts("held");
    fflush(stdout);
    if (getchar() != '\n')
        errx(1, "a held call was left");
    setitimer(ITIMER_REAL, &left, 0);
}

// Follows all threads to the end of the process; the system calls before the plugin's own program runs do not count.
static int follow(long instant, int holds, long *calls) {
    int status, executed = 0;
    if (waitpid(plugin, &status, 0) != plugin || !WIFSTOPPED(status))
        return status;
    ptrace(PTRACE_SETOPTIONS, plugin, 0, OPTIONS);
    ptrace(PTRACE_SYSCALL, plugin, 0, 0);
    for (;;) {
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0 && errno == EINTR)
            continue;
        if (thread < 0)
            err(1, "waitpid");
        if (!WIFSTOPPED(status)) {
            if (thread == plugin)
                return status;
            continue;
        }
        int signal = WSTOPSIG(status), event = status >> 16;
        if (event == PTRACE_EVENT_EXEC)
            executed = 1;
        if (signal == (SIGTRAP | 0x80)) {
            signal = 0;
            if (executed && is_entry(thread) && ++*calls == instant) {
                if (!holds) {
                    kill(plugin, SIGKILL);
                    continue;
                }
                hold();
            }
        } else if (event || signal == SIGSTOP)
            signal = 0; // of ptrace's own: a new thread, or the program
        ptrace(PTRACE_SYSCALL, thread, 0, signal);
    }
}

static void send(int file, size_t length) {
    char bytes[65536];
    lseek(file, 0, SEEK_SET);
    for (ssize_t n; length && (n = read(file, bytes, sizeof bytes)) > 0; length -= n)
        fwrite(bytes, 1, n, stdout);
    close(file);
}

static size_t length_of(int file) {
    struct stat status;
    return fstat(file, &status) ? 0 : status.st_size;
}

int main(void) {
    long instant, timeout;
    int holds;
    size_t paths, variables, input;
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = timed_out}, 0);
    while (scanf("%ld %d %ld %zu %zu %zu", &instant, &holds, &timeout, &paths, &variables, &input) == 6 && getchar() == '\n') {
        char *path = take(paths), *names = take(variables), *text = take(input), *environment[64];
        int count = 0;
        for (char *name = names; name < names + variables && count < 63; name += strlen(name) + 1)
            environment[count++] = name;
        environment[count] = 0;

        int in = source(text, input), out = temporary(), error = temporary(), status;
        late = 0;
        long calls = 0;
        if ((plugin = fork()) == 0)
            run(path, environment, in, out, error, instant >= 0);
        if (plugin < 0)
            err(1, "fork");
        struct itimerval timer = {.it_value = {.tv_sec = timeout / 1000, .tv_usec = timeout % 1000 * 1000}};
        setitimer(ITIMER_REAL, &timer, 0);
        if (instant >= 0)
            status = follow(instant, holds, &calls);
        else
            while (waitpid(plugin, &status, 0) < 0 && errno == EINTR)
                ;
        setitimer(ITIMER_REAL, &(struct itimerval){0}, 0);

        printf("%d %ld %zu %zu\n", late ? -1 : status, calls, length_of(out), length_of(error));
        send(out, length_of(out));
        send(error, length_of(error));
        fflush(stdout);
        close(in);
        free(path);
        free(names);
        free(text);
    }
}
