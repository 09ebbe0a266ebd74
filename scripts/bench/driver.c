// Measures CNI plugins as a runtime would call them, with as little of its own as possible: the configuration waits in a pipe
// before the plugin starts, the plugin is started by vfork, and the clock stops when its output is at its end and it is reaped.
//
//   driver alternate PAIRS A_DIR A_CONFIG B_DIR B_CONFIG
//       PAIRS times: ADD, CHECK and DEL of A and B in alternation, every attachment in a network namespace of its own.
//       Prints per side and verb:  SIDE VERB MIN MEDIAN P99 CPU_MEDIAN RSS_MAX    (ms, ms, ms, ms, KiB)
//   driver attach PAIRS A_DIR A_CONFIG B_DIR B_CONFIG
//       The same without CHECK: the reference's portmap fails its own where a pod has IPv4 alone.
//   driver hosts PAIRS A_PID B_PID A_DIR A_CONFIG B_DIR B_CONFIG
//       The same as attach, with A's calls in the network and mount namespaces of one process and B's in those of another.
//   driver parallel ROUNDS COUNT WIDTH A_DIR A_CONFIG B_DIR B_CONFIG
//       ROUNDS times, A and B in turn: COUNT ADDs and then COUNT DELs, WIDTH at a time; all must succeed, all addresses differ.
//       Prints per side and verb:  SIDE VERB MIN MEDIAN MAX                       (ms for all COUNT)
//
// CONFIG is a file with one network configuration or more, one a line, each executed by DIR/TYPE: those behind the first are chained, as a
// runtime chains them. The time of a chain is that of its calls and of what lies between them. The caller has put us into network, mount and pid
// namespaces of our own with an empty /run: pod namespaces are mounted under /run/netns and vanish with the mount namespace.
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TEXT = 16384, ADDRESS = 64, WARM_UPS = 3, CHAIN = 8 };

enum verb { ADD, CHECK, DEL, VERBS };
static const char *const verb_names[VERBS] = {"ADD", "CHECK", "DEL"};

struct plugin {
    char program[512], config[TEXT];
};

struct side {
    const char *name, *directory;
    int network, mounts; // of the side's host; 0 where both are one
    int length; // of the chain
    struct plugin chain[CHAIN];
};

struct call {
    pid_t pid;
    int output;
    struct timespec started;
    double wall, cpu; // ms
    long rss;         // KiB
    int status;
    char result[TEXT];
};

struct sample {
    double wall, cpu;
    long rss;
};

static int diagnostics; // an unlinked file: the plugins' stderr, shown only when one fails

static double since(const struct timespec *start) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - start->tv_sec) * 1e3 + (now.tv_nsec - start->tv_nsec) / 1e6;
}

static double milliseconds(struct timeval t) { return t.tv_sec * 1e3 + t.tv_usec / 1e3; }

static void netns_path(char *path, int pod) { sprintf(path, "/run/netns/pod%d", pod); }

static int namespace_of(const char *pid, const char *kind) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/ns/%s", pid, kind);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        err(1, "%s", path);
    return file;
}

static void enter(const struct side *side) {
    if (side->network && (setns(side->network, CLONE_NEWNET) || setns(side->mounts, CLONE_NEWNS)))
        err(1, "the host of %s", side->name);
}

// Namespaces are made before anything is timed and never removed in between: the kernel dismantles them in the background, which
// would disturb the next calls.
static void make_namespaces(int count) {
    int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    mkdir("/run/netns", 0755);
    for (int pod = 0; pod < count; pod++) {
        char path[64];
        netns_path(path, pod);
        close(open(path, O_CREAT | O_RDONLY, 0444));
        if (unshare(CLONE_NEWNET) || mount("/proc/thread-self/ns/net", path, 0, MS_BIND, 0))
            err(1, "network namespace %s", path);
    }
    if (home < 0 || setns(home, CLONE_NEWNET))
        err(1, "back to the node's namespace");
}

static void begin(struct call *call, const struct side *side, const struct plugin *plugin, enum verb verb, int pod, const char *previous) {
    char command[32], container[64], path[64], netns[96], search[600], stdin_text[2 * TEXT];
    snprintf(command, sizeof command, "CNI_COMMAND=%s", verb_names[verb]);
    snprintf(container, sizeof container, "CNI_CONTAINERID=%s%d", side->name, pod);
    netns_path(path, pod);
    snprintf(netns, sizeof netns, "CNI_NETNS=%s", path);
    snprintf(search, sizeof search, "CNI_PATH=%s", side->directory);
    char *environment[] = {command, container, netns, "CNI_IFNAME=eth0", search, "PATH=/usr/sbin:/usr/bin:/sbin:/bin", 0};
    char *arguments[] = {(char *)plugin->program, 0};

    int length;
    if (previous && *previous) {
        int open_end = strrchr(plugin->config, '}') - plugin->config;
        length = snprintf(stdin_text, sizeof stdin_text, "%.*s,\"prevResult\":%s}", open_end, plugin->config, previous);
    } else
        length = snprintf(stdin_text, sizeof stdin_text, "%s", plugin->config);

    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || write(in[1], stdin_text, length) != length)
        err(1, "pipe");
    close(in[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, diagnostics, STDERR_FILENO);

    clock_gettime(CLOCK_MONOTONIC, &call->started);
    int error = posix_spawn(&call->pid, plugin->program, &actions, 0, arguments, environment);
    if (error)
        errx(1, "%s: %s", plugin->program, strerror(error));
    close(in[0]);
    close(out[1]);
    posix_spawn_file_actions_destroy(&actions);
    call->output = out[0];
}

static void read_result(struct call *call) {
    size_t length = 0;
    ssize_t n;
    while ((n = read(call->output, call->result + length, TEXT - 1 - length)) > 0)
        length += n;
    call->result[length] = 0;
    close(call->output);
}

// wait4 adds up the plugin's own children that it waited for: delegates, iptables, nft.
static void settle(struct call *call, int status, const struct rusage *usage) {
    call->wall = since(&call->started);
    call->status = status;
    call->cpu = milliseconds(usage->ru_utime) + milliseconds(usage->ru_stime);
    call->rss = usage->ru_maxrss;
}

static void demand_success(const struct call *call, const struct plugin *plugin, enum verb verb) {
    if (WIFEXITED(call->status) && !WEXITSTATUS(call->status))
        return;
    char text[4096] = "";
    off_t end = lseek(diagnostics, 0, SEEK_END), skipped = end > (off_t)sizeof text - 1 ? end - (off_t)sizeof text + 1 : 0;
    ssize_t n = pread(diagnostics, text, sizeof text - 1, skipped);
    errx(1, "%s %s failed (wait status %#x)\nstdout: %s\nstderr: %.*s", plugin->program, verb_names[verb], call->status, call->result,
         (int)(n > 0 ? n : 0), text);
}

static void run(struct call *call, const struct side *side, const struct plugin *plugin, enum verb verb, int pod, const char *previous) {
    struct rusage usage;
    int status;
    begin(call, side, plugin, verb, pod, previous);
    read_result(call);
    if (wait4(call->pid, &status, 0, &usage) < 0)
        err(1, "wait4");
    settle(call, status, &usage);
    demand_success(call, plugin, verb);
}

// The whole chain: forward, DEL backward. RESULT is the last ADD's, which CHECK and DEL are given.
static struct sample run_chain(const struct side *side, enum verb verb, int pod, char *result) {
    static struct call call;
    struct sample total = {0};
    struct timespec started;
    if (verb == ADD)
        *result = 0;
    clock_gettime(CLOCK_MONOTONIC, &started);
    for (int i = 0; i < side->length; i++) {
        run(&call, side, &side->chain[verb == DEL ? side->length - 1 - i : i], verb, pod, result);
        if (verb == ADD)
            strcpy(result, call.result);
        total.cpu += call.cpu;
        if (call.rss > total.rss)
            total.rss = call.rss;
    }
    total.wall = since(&started);
    return total;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, int count, double q) {
    int rank = (int)(q * count + 0.999999);
    return sorted[rank < 1 ? 0 : rank - 1];
}

static void alternate(int pairs, int with_check, struct side sides[2]) {
    int rounds = pairs + WARM_UPS;
    for (int s = 0; s < (sides[0].network ? 2 : 1); s++) {
        enter(&sides[s]);
        make_namespaces(2 * rounds);
    }
    struct sample *samples[2][VERBS];
    for (int s = 0; s < 2; s++)
        for (int v = 0; v < VERBS; v++)
            samples[s][v] = calloc(pairs, sizeof(struct sample));
    static char results[2][TEXT];
    for (int round = 0; round < rounds; round++)
        for (int v = 0; v < VERBS; v++)
            for (int turn = 0; turn < 2 && (v != CHECK || with_check); turn++) {
                // A DEL that follows a DEL starts at the end of a grace period and takes longer, so the sides take turns at being first.
                int s = (turn + round) % 2;
                enter(&sides[s]);
                struct sample sample = run_chain(&sides[s], v, 2 * round + s, results[s]);
                if (round >= WARM_UPS)
                    samples[s][v][round - WARM_UPS] = sample;
            }
    double *walls = calloc(pairs, sizeof(double)), *cpus = calloc(pairs, sizeof(double));
    for (int s = 0; s < 2; s++)
        for (int v = 0; v < VERBS; v++) {
            if (v == CHECK && !with_check)
                continue;
            long rss = 0;
            for (int i = 0; i < pairs; i++) {
                walls[i] = samples[s][v][i].wall;
                cpus[i] = samples[s][v][i].cpu;
                if (samples[s][v][i].rss > rss)
                    rss = samples[s][v][i].rss;
            }
            qsort(walls, pairs, sizeof(double), by_value);
            qsort(cpus, pairs, sizeof(double), by_value);
            printf("%s %s %.3f %.3f %.3f %.3f %ld\n", sides[s].name, verb_names[v], walls[0], quantile(walls, pairs, 0.5),
                   quantile(walls, pairs, 0.99), quantile(cpus, pairs, 0.5), rss);
        }
}

// Runs COUNT calls of the first plugin, WIDTH at a time; returns the time for all of them in ms.
static double batch(struct call *calls, const struct side *side, enum verb verb, int count, int width) {
    struct timespec started;
    clock_gettime(CLOCK_MONOTONIC, &started);
    for (int next = 0, done = 0; done < count;) {
        if (next < count && next - done < width) {
            begin(&calls[next], side, side->chain, verb, next, verb == ADD ? 0 : calls[next].result);
            next++;
            continue;
        }
        struct rusage usage;
        int status;
        pid_t pid = wait4(-1, &status, 0, &usage);
        if (pid < 0)
            err(1, "wait4");
        for (int i = 0; i < next; i++)
            if (calls[i].pid == pid) {
                settle(&calls[i], status, &usage);
                calls[i].pid = 0; // pids are reused
            }
        done++;
    }
    double total = since(&started);
    for (int i = 0; i < count; i++) {
        read_result(&calls[i]); // a result is shorter than the pipe's buffer, so nobody waited for this
        demand_success(&calls[i], side->chain, verb);
    }
    return total;
}

static void address_of(const struct call *call, char *address) {
    const char *key = strstr(call->result, "\"address\"");
    if (!key || sscanf(key + 9, " : \"%60[^\"]\"", address) != 1)
        errx(1, "no address in the result: %s", call->result);
}

static void demand_distinct_addresses(const struct call *calls, const struct side *side, int count) {
    char (*addresses)[ADDRESS] = calloc(count, ADDRESS);
    for (int i = 0; i < count; i++)
        address_of(&calls[i], addresses[i]);
    qsort(addresses, count, ADDRESS, (int (*)(const void *, const void *))strcmp);
    for (int i = 1; i < count; i++)
        if (!strcmp(addresses[i - 1], addresses[i]))
            errx(1, "%s gave %s to two pods", side->chain->program, addresses[i]);
    free(addresses);
}

static void parallel(int rounds, int count, int width, struct side sides[2]) {
    make_namespaces(count);
    struct call *calls = calloc(count, sizeof *calls);
    double *adds[2] = {calloc(rounds, sizeof(double)), calloc(rounds, sizeof(double))};
    double *dels[2] = {calloc(rounds, sizeof(double)), calloc(rounds, sizeof(double))};
    for (int s = 0; s < 2; s++) { // the first call makes the bridge
        run(calls, &sides[s], sides[s].chain, ADD, 0, 0);
        run(calls, &sides[s], sides[s].chain, DEL, 0, 0);
    }
    for (int round = 0; round < rounds; round++)
        for (int s = 0; s < 2; s++) {
            adds[s][round] = batch(calls, &sides[s], ADD, count, width);
            demand_distinct_addresses(calls, &sides[s], count);
            dels[s][round] = batch(calls, &sides[s], DEL, count, width);
        }
    for (int s = 0; s < 2; s++)
        for (int v = ADD; v <= DEL; v += DEL - ADD) {
            double *totals = v == ADD ? adds[s] : dels[s];
            qsort(totals, rounds, sizeof(double), by_value);
            printf("%s %s %.3f %.3f %.3f\n", sides[s].name, verb_names[v], totals[0], quantile(totals, rounds, 0.5),
                   totals[rounds - 1]);
        }
}

static void load(struct side *side, const char *name, const char *directory, const char *config) {
    side->name = name;
    side->directory = directory;
    FILE *file = fopen(config, "re");
    if (!file)
        err(1, "%s", config);
    for (struct plugin *plugin = side->chain; side->length < CHAIN && fgets(plugin->config, TEXT, file); plugin++, side->length++) {
        char type[64];
        const char *key = strstr(plugin->config, "\"type\":\"");
        if (!key || sscanf(key + 8, "%63[^\"]", type) != 1)
            errx(1, "%s: no \"type\":\" in line %d", config, side->length + 1);
        snprintf(plugin->program, sizeof plugin->program, "%s/%s", directory, type);
    }
    fclose(file);
}

int main(int argc, char **argv) {
    struct side sides[2] = {0};
    if (argc < 5)
        errx(2, "see the head of driver.c");
    load(&sides[0], "a", argv[argc - 4], argv[argc - 3]);
    load(&sides[1], "b", argv[argc - 2], argv[argc - 1]);
    diagnostics = open("/run", O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
    if (diagnostics < 0)
        err(1, "/run");
    if (argc == 7 && !strcmp(argv[1], "alternate"))
        alternate(atoi(argv[2]), 1, sides);
    else if (argc == 7 && !strcmp(argv[1], "attach"))
        alternate(atoi(argv[2]), 0, sides);
    else if (argc == 9 && !strcmp(argv[1], "hosts")) {
        for (int s = 0; s < 2; s++) {
            sides[s].network = namespace_of(argv[3 + s], "net");
            sides[s].mounts = namespace_of(argv[3 + s], "mnt");
        }
        alternate(atoi(argv[2]), 0, sides);
    } else if (argc == 9 && !strcmp(argv[1], "parallel"))
        parallel(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]), sides);
    else
        errx(2, "see the head of driver.c");
    return 0;
}
