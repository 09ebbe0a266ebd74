using System.Buffers;
using System.Diagnostics;
using System.Text;

namespace Cni;

/// <summary>
/// The three streams of a delegate, each served by a thread: a delegate that writes much before it reads, or much to one stream while the
/// other is read, would otherwise stand still.
/// </summary>
internal sealed class DelegateStreams
{
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
            Serve(() => Feed(stdin, input)),
            Serve(() => Collect(stdout, _output)),
            Serve(() => Collect(stderr, _error)),
        ];
    }

    public byte[] Output => Take(_output);

    public string Error => Encoding.UTF8.GetString(Take(_error));

    /// <summary>Waits until the streams have ended, but not for a grandchild that keeps them.</summary>
    public void Drain(TimeSpan limit)
    {
        long end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        foreach (Thread thread in _threads)
            _ = thread.Join((int)Math.Max(0, end - Environment.TickCount64));
    }

    private static Thread Serve(Action work)
    {
        Thread thread = new(() => work(), maxStackSize: 256 * 1024) { IsBackground = true };
        thread.Start();
        return thread;
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

    private static void Collect(Stream stream, ArrayBufferWriter<byte> into)
    {
        try
        {
            byte[] buffer = new byte[4096];
            for (int count; (count = stream.Read(buffer)) > 0;)
            {
                lock (into)
                    into.Write(buffer.AsSpan(0, count));
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
