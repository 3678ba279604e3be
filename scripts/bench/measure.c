/*
 * Runs a program, or several in a pipe: measure WORD... [ '|' WORD... ]...
 * What the last one prints is thrown away. Says as JSON how long it took from the first start to the last
 * end, the processor time of all of them and the sum of their peaks of memory; exits as they did.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double ms_of(struct timeval t) { return t.tv_sec * 1e3 + t.tv_usec / 1e3; }

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void fail(const char *what) {
  perror(what);
  exit(127);
}

/* Starts one program that reads `in` and writes `out`; it gets no other of our files. */
static void start(char **words, int in, int out) {
  pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid > 0) return;
  dup2(in, 0);
  dup2(out, 1);
  execvp(words[0], words);
  fail(words[0]);
}

int main(int argc, char **argv) {
  int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  int count = 0, code = 0;
  long peak = 0;
  double cpu = 0, begin = now_ms();
  if (argc < 2) return 2;
  for (int first = 1, i = 1; i <= argc; i++) {
    int ends = i == argc;
    if (!ends && strcmp(argv[i], "|") != 0) continue;
    int ways[2] = {-1, nowhere};
    if (!ends && pipe2(ways, O_CLOEXEC) != 0) fail("pipe");
    argv[i] = NULL;
    start(argv + first, in, ways[1]);
    close(in);
    if (!ends) close(ways[1]);
    in = ways[0];
    first = i + 1;
    count++;
  }
  for (; count > 0; count--) {
    int status;
    struct rusage usage;
    if (wait4(-1, &status, 0, &usage) < 0) fail("wait4");
    cpu += ms_of(usage.ru_utime) + ms_of(usage.ru_stime);
    peak += usage.ru_maxrss * 1024;
    if (status != 0) code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  printf("{\"ms\":%.3f,\"cpuMs\":%.3f,\"peak\":%ld}\n", now_ms() - begin, cpu, peak);
  return code;
}
