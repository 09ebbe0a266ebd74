using System.Net;
using System.Net.Sockets;

namespace CniAgent.Mtu;

/// <summary>Finds the largest packet that reaches an address whole.</summary>
internal static class PacketSearch
{
    private const int Attempts = 3;

    // Sizes that are tried at once: each round that loses some costs a wait.
    private const int Width = 16;

    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(1);

    /// <summary>Finds it.</summary>
    /// <returns>Bytes from the IP header on; null if the address does not answer even the smallest.</returns>
    /// <exception cref="SocketException">This process lacks the capability CAP_NET_RAW.</exception>
    public static async Task<int?> FindAsync(IPAddress address, CancellationToken cancel)
    {
        EchoSocket socket;
        try
        {
            socket = new EchoSocket(address);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.NetworkUnreachable or SocketError.HostUnreachable)
        {
            return null;
        }
        using (socket)
        {
            int good = socket.Smallest;
            if (!(await TryAsync(socket, [good], cancel)).Contains(good))
                return null;
            int bad = FindTooLarge(socket, good);
            if ((await TryAsync(socket, [bad - 1], cancel)).Contains(bad - 1))
                return bad - 1;
            while (bad - good > 1)
            {
                int step = Math.Max(1, (bad - good) / Width);
                int[] sizes = [.. Enumerable.Range(1, Width).Select(i => good + (i * step)).Where(size => size < bad)];
                IReadOnlySet<int> passed = await TryAsync(socket, sizes, cancel);
                good = passed.Append(good).Max();
                bad = sizes.Where(size => size > good).Append(bad).Min();
            }
            return good;
        }
    }

    /// <summary>The smallest that this host itself may not send there.</summary>
    private static int FindTooLarge(EchoSocket socket, int good)
    {
        int bad = ushort.MaxValue + 1;
        while (bad - good > 1)
        {
            int middle = (good + bad) / 2;
            if (socket.Send(middle) is null)
                bad = middle;
            else
                good = middle;
        }
        return bad;
    }

    /// <summary>Tries sizes, those that are not answered several times.</summary>
    private static async Task<IReadOnlySet<int>> TryAsync(EchoSocket socket, int[] sizes, CancellationToken cancel)
    {
        HashSet<int> passed = [];
        for (int attempt = 0; attempt < Attempts && passed.Count < sizes.Length; attempt++)
        {
            Dictionary<ushort, int> sent = [];
            foreach (int size in sizes.Where(size => !passed.Contains(size)))
            {
                if (socket.Send(size) is { } number)
                    sent[number] = size;
            }
            using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            end.CancelAfter(s_wait);
            try
            {
                while (sent.Count > 0)
                {
                    if (sent.Remove(await socket.ReceiveAsync(end.Token), out int size))
                        _ = passed.Add(size);
                }
            }
            catch (Exception e) when (e is OperationCanceledException && !cancel.IsCancellationRequested)
            {
                // What has no answer by now is lost.
            }
            catch (SocketException)
            {
                // A router said that a packet is too large, or that nobody is there.
            }
        }
        return passed;
    }
}
