// How many TCP connections a second one client can make, one after the other.
//
//   connect serve PORT                     accepts and closes, on all addresses, until it is killed
//   connect count ADDRESS PORT SECONDS     connects and resets; prints connections per second
//
// A reset leaves no TIME_WAIT behind, so that the client does not run out of ports.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static int serve(int port) {
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&any, sizeof any) || listen(listener, 1024))
    err(1, "port %d", port);
  printf("ready\n");
  fflush(stdout);
  for (;;)
    close(accept(listener, 0, 0));
}

static int count(const char *address, int port, double seconds) {
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (inet_pton(AF_INET, address, &server.sin_addr) != 1)
    errx(2, "%s is no IPv4 address", address);
  struct linger reset = {.l_onoff = 1, .l_linger = 0};
  long connections = 0;
  double start = now(), end = start + seconds;
  while (now() < end) {
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(s, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (connect(s, (struct sockaddr *)&server, sizeof server))
      err(1, "connection %ld", connections);
    close(s);
    connections++;
  }
  printf("%.0f\n", connections / (now() - start));
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 3 && !strcmp(argv[1], "serve"))
    return serve(atoi(argv[2]));
  if (argc == 5 && !strcmp(argv[1], "count"))
    return count(argv[2], atoi(argv[3]), atof(argv[4]));
  errx(2, "see the head of connect.c");
}
