using System.Globalization;
using System.Reflection;
using System.Text;
using TestKit;

namespace Linux.Tests;

/// <summary>
/// Every number in C spelling is compared with the headers by the C compiler. Skipped without gcc, required where CI is set.
/// </summary>
public sealed class KernelHeaderTests
{
    private static readonly string[] s_headers =
    [
        "errno.h",
        "fcntl.h",
        "sys/file.h",
        "sys/socket.h",
        "sys/un.h",
        "sys/stat.h",
        "sys/vfs.h",
        "linux/if.h",
        "linux/if_tun.h",
        "linux/io_uring.h",
        "linux/magic.h", "linux/nsfs.h", "linux/netlink.h", "linux/sockios.h", "signal.h", "sys/syscall.h",
        "linux/in.h", "linux/in6.h", "linux/netfilter_ipv4/ip_tables.h", "linux/netfilter_ipv6/ip6_tables.h",
    ];

    // A constant inside of a method is not to be found by reflection.
    private static readonly (string Name, long Value)[] InMethods = [("NS_GET_NSTYPE", 0xb703), ("SIOCGSKNS", 0x894c)];

    [Fact]
    public void Numbers_are_those_of_the_headers()
    {
        StringBuilder program = new("#define _GNU_SOURCE\n");
        foreach (string header in s_headers)
            program.AppendLine(CultureInfo.InvariantCulture, $"#include <{header}>");
        int count = 0;
        foreach ((string name, object value) in Numbers())
        {
            program.AppendLine(CultureInfo.InvariantCulture, $"_Static_assert({name} == {value}, \"{name}\");");
            count++;
        }
        Assert.True(count > 50, $"only {count} numbers found");
        // struct sockaddr_nl as NetlinkDescriptor has it, and the room that FileSystemMagic gives to struct statfs.
        program.AppendLine("_Static_assert(sizeof(struct sockaddr_nl) == 12, \"sockaddr_nl\");");
        program.AppendLine("_Static_assert(__builtin_offsetof(struct sockaddr_nl, nl_pid) == 4, \"nl_pid\");");
        // struct sockaddr_un as UnixStream has it, and the time that it gives to SO_RCVTIMEO.
        program.AppendLine(
            "_Static_assert(sizeof(struct sockaddr_un) == 110 && __builtin_offsetof(struct sockaddr_un, sun_path) == 2, \"sockaddr_un\");");
        program.AppendLine("_Static_assert(sizeof(struct timeval) == 16 && sizeof(((struct timeval*)0)->tv_sec) == 8, \"timeval\");");
        program.AppendLine("_Static_assert(sizeof(struct statfs) <= 256 && __builtin_offsetof(struct statfs, f_type) == 0, \"statfs\");");
        // struct ifreq as TapDevice has it.
        program.AppendLine("_Static_assert(sizeof(struct ifreq) == 40 && __builtin_offsetof(struct ifreq, ifr_flags) == 16, \"ifreq\");");
        // struct io_uring_params and the numbers that BackgroundClose calls by.
        program.AppendLine("_Static_assert(sizeof(struct io_uring_params) == 120, \"io_uring_params\");");
        program.AppendLine("_Static_assert(SYS_io_uring_setup == 425 && SYS_io_uring_register == 427, \"io_uring\");");
        CCompiler.Check(program.ToString());
    }

    private static IEnumerable<(string Name, object Value)> Numbers()
    {
        const BindingFlags Any = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        foreach (Type type in typeof(Errno).Assembly.GetTypes())
        {
            foreach (FieldInfo field in type.GetFields(Any).Where(static f => f.IsLiteral))
            {
                bool isKernels = type == typeof(Errno)
                    ? field.Name != nameof(Errno.None)
                    : field.Name.Contains('_', StringComparison.Ordinal) && !field.Name.Any(char.IsAsciiLetterLower);
                if (isKernels)
                    yield return (field.Name, Convert.ToInt64(field.GetRawConstantValue(), null));
            }
        }
        foreach ((string name, long value) in InMethods)
            yield return (name, value);
    }
}
