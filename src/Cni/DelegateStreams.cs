using System.Buffers;
using System.Diagnostics;
using System.Text;
using Linux.Files;
using Linux.Processes;

namespace Cni;

/// <summary>
/// The three streams of a delegate, each served by a thread: a delegate that writes much before it reads, or much to one stream while the
/// other is read, would otherwise stand still.
/// </summary>
internal sealed class DelegateStreams
{
    // What a person reads of a plugin that fails; the rest is dropped.
    private const int MaxError = 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly ArrayBufferWriter<byte> _error = new();
    private readonly Thread[] _threads;

    public DelegateStreams(Process process, ReadOnlyMemory<byte> input)
    {
        Stream stdin = process.StandardInput.BaseStream;
        Stream stdout = process.StandardOutput.BaseStream;
        Stream stderr = process.StandardError.BaseStream;
        _threads =
        [
            WorkerThread.Start(() => Feed(stdin, input)),
            WorkerThread.Start(() => Collect(stdout, _output, StandardStreams.MaxInput, whenFull: () =>
            {
                OutputIsTooLong = true;
                // It ends by SIGPIPE, or by our limit of time.
                stdout.Dispose();
            })),
            WorkerThread.Start(() => Collect(stderr, _error, MaxError, whenFull: static () => { })),
        ];
    }

    public byte[] Output => Take(_output);

    /// <summary>Whether stdout brought more than a plugin takes on stdin, so that it was not heard to its end.</summary>
    public bool OutputIsTooLong { get; private set; }

    public string Error => Encoding.UTF8.GetString(Take(_error));

    /// <summary>Waits until the streams have ended, but not for a grandchild that keeps them.</summary>
    public void Drain(TimeSpan limit)
    {
        long end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        foreach (Thread thread in _threads)
            _ = thread.Join((int)Math.Max(0, end - Environment.TickCount64));
    }

    private static void Feed(Stream stdin, ReadOnlyMemory<byte> input)
    {
        try
        {
            using (stdin)
                stdin.Write(input.Span);
        }
        catch (IOException)
        {
            // A delegate need not read its configuration (VERSION does not); its exit status tells what became of it.
        }
    }

    /// <summary>Reads a stream to its end, and keeps what there is room for.</summary>
    private static void Collect(Stream stream, ArrayBufferWriter<byte> into, int limit, Action whenFull)
    {
        try
        {
            byte[] buffer = new byte[4096];
            for (int count; (count = stream.Read(buffer)) > 0;)
            {
                int kept = Math.Min(count, limit - into.WrittenCount);
                lock (into)
                    into.Write(buffer.AsSpan(0, kept));
                if (kept < count)
                    whenFull();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Closed under us after the limit: what has been read is kept.
        }
    }

    private static byte[] Take(ArrayBufferWriter<byte> from)
    {
        lock (from)
            return from.WrittenSpan.ToArray();
    }
}
