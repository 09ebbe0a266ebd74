namespace Linux.Processes;

/// <summary>
/// Signals that the kernel sends to who writes where nothing can be written, and which end a process without a word. Ignored, the write
/// fails with an errno. An ignored signal stays ignored over execve(2), so programs that we execute must get back what we were given.
/// </summary>
public static class Signals
{
    // asm-generic/signal.h; alike on x64 and arm64
    private const int SIGPIPE = 13;
    private const int SIGXFSZ = 25;

    // SIG_DFL and SIG_IGN of asm-generic/signal-defs.h, where they are pointers
    private const nint Default = 0;
    private const nint Ignored = 1;

    private static readonly object s_oneAtATime = new();

    private static nint s_givenForFileSize;

    /// <summary>
    /// Lets a write behind RLIMIT_FSIZE fail with EFBIG from now on (setrlimit(2)). .NET's runtime does the same for SIGPIPE by itself.
    /// </summary>
    public static void IgnoreFileSizeLimit() => s_givenForFileSize = SystemCall.Signal(SIGXFSZ, Ignored);

    /// <summary>
    /// Does something, the start of a program, under the signals of a fresh process. What was given for SIGPIPE nobody knows any more;
    /// runtimes give the default.
    /// </summary>
    public static T ForProgram<T>(Func<T> action)
    {
        lock (s_oneAtATime)
        {
            nint fileSize = SystemCall.Signal(SIGXFSZ, s_givenForFileSize);
            nint pipe = SystemCall.Signal(SIGPIPE, Default);
            try
            {
                return action();
            }
            finally
            {
                _ = SystemCall.Signal(SIGPIPE, pipe);
                _ = SystemCall.Signal(SIGXFSZ, fileSize);
            }
        }
    }
}
