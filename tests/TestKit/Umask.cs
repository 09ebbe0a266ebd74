using System.Runtime.ExceptionServices;
using Tmds.Linux;

namespace TestKit;

/// <summary>Runs code on a thread with an umask of its own, so that other tests keep theirs.</summary>
public static class Umask
{
    public static void Run(int umask, Action action)
    {
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                Assert.Equal(0, LibC.unshare(LibC.CLONE_FS));
                _ = LibC.umask((mode_t)umask);
                action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>The permissions of a file, in octal digits.</summary>
    public static string ModeOf(string path) => Convert.ToString((int)File.GetUnixFileMode(path), 8);
}
