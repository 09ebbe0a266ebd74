using Linux.Namespaces;

namespace Linux.Tests.Namespaces;

/// <summary>A network namespace for a test. Without privilege the test is skipped; where CI is set it fails.</summary>
internal static class NewNamespace
{
    public static NetworkNamespace Create()
    {
        try
        {
            return NetworkNamespace.Create();
        }
        catch (LinuxException e) when (e.Errno == Errno.EPERM && Environment.GetEnvironmentVariable("CI") is null)
        {
            Assert.Skip("needs CAP_SYS_ADMIN");
            throw;
        }
    }
}
