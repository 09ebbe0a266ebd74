// The least a daemonless plugin can do on this kernel, in the shape of a CNI bridge plugin: a veth whose peer is born in the
// pod's namespace, an address and a default route there, and one fdatasync'ed lease record. It reads no configuration, checks
// nothing and prints an empty result, so whatever a real plugin takes beyond this is the plugin's own.
//
// Environment: CNI_COMMAND, CNI_NETNS, CNI_IFNAME, CNI_CONTAINERID (at most 11 bytes). The bridge `floor0` with 10.83.0.1/16
// exists. Leases are 16-byte records in /run/floor.leases; the n-th lease gets the n-th address.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BRIDGE "floor0"
#define LEASES "/run/floor.leases"
#define NETWORK 0x0a530000u /* 10.83.0.0/16 */

struct request {
    struct nlmsghdr header;
    char body[1024];
};

static void *tail(struct request *r) { return (char *)r + NLMSG_ALIGN(r->header.nlmsg_len); }

static void start(struct request *r, int type, int flags, const void *fixed, size_t length) {
    memset(r, 0, sizeof *r);
    r->header.nlmsg_type = type;
    r->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
    r->header.nlmsg_len = NLMSG_LENGTH(length);
    memcpy(NLMSG_DATA(&r->header), fixed, length);
}

static struct rtattr *attribute(struct request *r, int type, const void *value, size_t length) {
    struct rtattr *a = tail(r);
    a->rta_type = type;
    a->rta_len = RTA_LENGTH(length);
    if (length)
        memcpy(RTA_DATA(a), value, length);
    r->header.nlmsg_len = NLMSG_ALIGN(r->header.nlmsg_len) + RTA_ALIGN(a->rta_len);
    return a;
}

static void close_nest(struct request *r, struct rtattr *nest) { nest->rta_len = (char *)tail(r) - (char *)nest; }

static int route_socket(void) {
    int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (s < 0)
        err(1, "socket");
    return s;
}

static void exchange(int s, struct request *r, const char *what) {
    char answer[4096] __attribute__((aligned(NLMSG_ALIGNTO)));
    if (send(s, r, r->header.nlmsg_len, 0) < 0 || recv(s, answer, sizeof answer, 0) < (ssize_t)sizeof(struct nlmsghdr))
        err(1, "%s", what);
    struct nlmsghdr *h = (void *)answer;
    int error = h->nlmsg_type == NLMSG_ERROR ? ((struct nlmsgerr *)NLMSG_DATA(h))->error : 0;
    if (error) {
        errno = -error;
        err(1, "%s", what);
    }
}

static unsigned index_of(const char *name) {
    unsigned index = if_nametoindex(name);
    if (!index)
        err(1, "interface %s", name);
    return index;
}

// Appends a lease and returns its number.
static uint32_t record(const char *owner) {
    char lease[16] = {0};
    memcpy(lease, owner, strnlen(owner, sizeof lease));
    int f = open(LEASES, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    struct stat status;
    if (f < 0 || flock(f, LOCK_EX) || fstat(f, &status) || write(f, lease, sizeof lease) != sizeof lease || fdatasync(f))
        err(1, LEASES);
    close(f);
    return status.st_size / sizeof lease;
}

static void add(int netns, const char *ifname, const char *owner) {
    struct request r;
    uint32_t address = htonl(NETWORK + 2 + record(owner)), gateway = htonl(NETWORK + 1);

    char host[IFNAMSIZ] = "veth";
    strncat(host, owner, sizeof host - 5);
    unsigned bridge = index_of(BRIDGE);
    struct ifinfomsg up = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP}, peer = {0};
    start(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &up, sizeof up);
    attribute(&r, IFLA_IFNAME, host, strlen(host) + 1);
    attribute(&r, IFLA_MASTER, &bridge, sizeof bridge);
    struct rtattr *info = attribute(&r, IFLA_LINKINFO, 0, 0);
    attribute(&r, IFLA_INFO_KIND, "veth", 5);
    struct rtattr *data = attribute(&r, IFLA_INFO_DATA, 0, 0), *other = attribute(&r, VETH_INFO_PEER, &peer, sizeof peer);
    attribute(&r, IFLA_IFNAME, ifname, strlen(ifname) + 1);
    attribute(&r, IFLA_NET_NS_FD, &netns, sizeof netns);
    close_nest(&r, other);
    close_nest(&r, data);
    close_nest(&r, info);
    exchange(route_socket(), &r, "veth");

    if (setns(netns, CLONE_NEWNET))
        err(1, "setns");
    int pod = route_socket(), index = index_of(ifname);
    up.ifi_index = index;
    start(&r, RTM_NEWLINK, 0, &up, sizeof up);
    exchange(pod, &r, "up");
    struct ifaddrmsg assign = {.ifa_family = AF_INET, .ifa_prefixlen = 16, .ifa_index = index};
    start(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &assign, sizeof assign);
    attribute(&r, IFA_LOCAL, &address, sizeof address);
    exchange(pod, &r, "address");
    struct rtmsg route = {.rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_STATIC,
                          .rtm_scope = RT_SCOPE_UNIVERSE, .rtm_type = RTN_UNICAST};
    start(&r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &route, sizeof route);
    attribute(&r, RTA_GATEWAY, &gateway, sizeof gateway);
    attribute(&r, RTA_OIF, &index, sizeof index);
    exchange(pod, &r, "route");
    if (write(STDOUT_FILENO, "{}", 2) != 2)
        err(1, "result");
}

static void del(int netns, const char *ifname, const char *owner) {
    struct request r;
    if (setns(netns, CLONE_NEWNET))
        err(1, "setns");
    struct ifinfomsg link = {.ifi_index = index_of(ifname)};
    start(&r, RTM_DELLINK, 0, &link, sizeof link);
    exchange(route_socket(), &r, "delete");
    record(owner);
}

int main(void) {
    const char *command = getenv("CNI_COMMAND"), *path = getenv("CNI_NETNS"), *ifname = getenv("CNI_IFNAME"),
               *owner = getenv("CNI_CONTAINERID");
    if (!command || !path || !ifname || !owner)
        errx(1, "CNI_COMMAND, CNI_NETNS, CNI_IFNAME and CNI_CONTAINERID are needed");
    int netns = open(path, O_RDONLY | O_CLOEXEC);
    if (netns < 0)
        err(1, "%s", path);
    if (!strcmp(command, "ADD"))
        add(netns, ifname, owner);
    else if (!strcmp(command, "DEL"))
        del(netns, ifname, owner);
    return 0;
}
