using System.Text;
using Linux.Files;

namespace Linux.Kernel;

/// <summary>The SELinux context of a thread.</summary>
public static class SelinuxContext
{
    // A tap is labelled with the context of the thread that makes it: neither that for new sockets (attr/sockcreate) nor that for the
    // next executable (attr/exec) is looked at (selinux_tun_dev_alloc_security, security/selinux/hooks.c).
    private const string CallingThread = "/proc/thread-self/attr/current";

    /// <summary>Moves the calling thread into a context. There may be no way back: the thread must be one that ends soon.</summary>
    /// <param name="context">For example <c>system_u:system_r:container_t:s0</c>.</param>
    /// <exception cref="LinuxException">
    /// EINVAL: the kernel has no SELinux, or no such context; EPERM: a process of several threads may only go where its own type bounds
    /// the new one; EACCES: the policy forbids it.
    /// </exception>
    public static void EnterForGood(string context)
    {
        try
        {
            using FileDescriptor attribute = FileDescriptor.Open(CallingThread, OpenFlags.WriteOnly);
            attribute.Write(Encoding.UTF8.GetBytes(context));
        }
        catch (LinuxException e)
        {
            throw new LinuxException(e.Errno, $"set SELinux context {context}", e);
        }
    }
}
