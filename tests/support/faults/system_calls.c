/* Loaded into a process before the C library: counts its calls that change files below a folder, lets one fail, and
 * sets its clock.
 *
 * The settings are in a page that `tests/support/fork_server.py` shares with its children; there is the other half.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { READ_OPEN = 1, OPEN = 2, WRITE = 4, RENAME = 8, UNLINK = 16, MAKE = 32, SYNC = 64, TRUNCATE = 128, LOCK = 256, MODE = 512 };

struct page {
    long kinds, nth, error; /* of which calls the n-th fails with which error; with 0 the process is killed instead */
    long ahead; /* seconds that its clock is ahead of the system's */
    long seen, fired, outside; /* how many such calls there were, whether one failed, and how many changed other files */
    char folder[1024], other[1024]; /* the folder, and the first of the other files */
};

static struct page *page;
static pid_t server; /* whose own calls do not count */

void system_calls_use(void *shared) {
    page = shared;
    server = getpid();
}

static void absolute(char *into, size_t size, int folder, const char *path) {
    char base[1024] = "", name[64];
    if (path[0] != '/') {
        snprintf(name, sizeof name, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
        ssize_t length = readlink(name, base, sizeof base - 2);
        if (length < 0)
            length = 0;
        base[length] = '\0';
        if (length && path[0])
            strcat(base, "/");
    }
    snprintf(into, size, "%s%s", base, path);
}

/* Return whether this call is to fail; errno is set. */
static int fails(long kind, int folder, const char *path) {
    char whole[2100];
    if (page == NULL || path == NULL || getpid() == server)
        return 0;
    int before = errno;
    absolute(whole, sizeof whole, folder, path);
    errno = before;
    size_t length = strlen(page->folder);
    int within = strncmp(whole, page->folder, length) == 0 && (whole[length] == '/' || whole[length] == '\0');
    if (!within) {
        int counts = kind != READ_OPEN && kind != LOCK && whole[0] == '/';
        if (counts && strncmp(whole, "/dev/", 5) != 0 && strncmp(whole, "/memfd:", 7) != 0 && page->outside++ == 0)
            snprintf(page->other, sizeof page->other, "%.1000s", whole);
        return 0;
    }
    if (!(kind & page->kinds) || ++page->seen != page->nth)
        return 0;
    page->fired = 1;
    if (page->error == 0)
        kill(getpid(), SIGKILL);
    errno = (int)page->error;
    return 1;
}

static int fails_open_file(long kind, int fd) { return fd > 2 && fails(kind, fd, ""); }

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static long kind_of(int flags) { return flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC) ? OPEN : READ_OPEN; }

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        return fails(kind_of(flags), AT_FDCWD, path) ? -1 : REAL(name)(path, flags, mode); \
    }
#define OPENS_AT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        return fails(kind_of(flags), folder, path) ? -1 : REAL(name)(folder, path, flags, mode); \
    }
OPENS(open)
OPENS(open64)
OPENS_AT(openat)
OPENS_AT(openat64)

#define WRITES(name, kind, rest, given, type) \
    type name(int fd rest) { return fails_open_file(kind, fd) ? -1 : REAL(name)(fd given); }
#define AND ,
WRITES(write, WRITE, AND const void *data AND size_t size, AND data AND size, ssize_t)
WRITES(pwrite, WRITE, AND const void *data AND size_t size AND off_t at, AND data AND size AND at, ssize_t)
WRITES(pwrite64, WRITE, AND const void *data AND size_t size AND off64_t at, AND data AND size AND at, ssize_t)
WRITES(fsync, SYNC, , , int)
WRITES(fdatasync, SYNC, , , int)
WRITES(ftruncate, TRUNCATE, AND off_t size, AND size, int)
WRITES(ftruncate64, TRUNCATE, AND off64_t size, AND size, int)
WRITES(fchmod, MODE, AND mode_t mode, AND mode, int)
WRITES(flock, LOCK, AND int how, AND how, int)

#define LOCKS(name) \
    int name(int fd, int command, ...) { \
        va_list rest; \
        va_start(rest, command); \
        void *given = va_arg(rest, void *); \
        va_end(rest); \
        int takes = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK; \
        return takes && fails_open_file(LOCK, fd) ? -1 : REAL(name)(fd, command, given); \
    }
LOCKS(fcntl)
LOCKS(fcntl64)

#define NAMES(name, kind, rest, given) \
    int name(const char *path rest) { return fails(kind, AT_FDCWD, path) ? -1 : REAL(name)(path given); }
NAMES(unlink, UNLINK, , )
NAMES(rmdir, UNLINK, , )
NAMES(mkdir, MAKE, AND mode_t mode, AND mode)
NAMES(mkfifo, MAKE, AND mode_t mode, AND mode)
NAMES(chmod, MODE, AND mode_t mode, AND mode)

int rename(const char *old, const char *new) { return fails(RENAME, AT_FDCWD, new) ? -1 : REAL(rename)(old, new); }

int renameat(int from, const char *old, int to, const char *new) {
    return fails(RENAME, to, new) ? -1 : REAL(renameat)(from, old, to, new);
}

int link(const char *old, const char *new) { return fails(MAKE, AT_FDCWD, new) ? -1 : REAL(link)(old, new); }

int symlink(const char *old, const char *new) { return fails(MAKE, AT_FDCWD, new) ? -1 : REAL(symlink)(old, new); }

int unlinkat(int folder, const char *path, int flags) {
    return fails(UNLINK, folder, path) ? -1 : REAL(unlinkat)(folder, path, flags);
}

int mkdirat(int folder, const char *path, mode_t mode) {
    return fails(MAKE, folder, path) ? -1 : REAL(mkdirat)(folder, path, mode);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = REAL(clock_gettime)(clock, now);
    if (clock == CLOCK_REALTIME && page != NULL && getpid() != server)
        now->tv_sec += page->ahead;
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    int result = REAL(gettimeofday)(now, zone);
    if (page != NULL && getpid() != server)
        now->tv_sec += page->ahead;
    return result;
}

time_t time(time_t *into) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (into != NULL)
        *into = now.tv_sec;
    return now.tv_sec;
}
