using System.Net;
using Agent.Api;

namespace CniAgent.Mtu;

/// <summary>What <c>cnictl mtu --check</c> says.</summary>
/// <param name="Mtu">That of pods, bytes; null while it is not known.</param>
/// <param name="Paths">The ways to other nodes.</param>
/// <param name="Problems">What is too large, each with the remedy.</param>
internal sealed record MtuCheck(int? Mtu, IReadOnlyList<PathMtu> Paths, IReadOnlyList<string> Problems)
{
    /// <summary>Looks how large packets pass to every node, all at once.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">This process lacks the capability CAP_NET_RAW.</exception>
    public static async Task<MtuCheck> RunAsync(MtuReport report, CancellationToken cancel)
    {
        PathMtu[] paths = await Task.WhenAll(report.Paths.Select(path => Task.Run(() => LookAsync(path, cancel), cancel)));
        return new MtuCheck(
            report.Mtu,
            paths,
            [
                .. paths.Zip(report.Paths, (found, path) => (path.Mtu ?? report.Mtu) is { } mtu ? found.FindProblem(mtu) : null)
                    .OfType<string>(),
            ]);
    }

    private static async Task<PathMtu> LookAsync(MtuPath path, CancellationToken cancel)
    {
        int?[] found = await Task.WhenAll(
            ((string[])[path.Host, .. path.Targets]).Select(target => PacketSearch.FindAsync(IPAddress.Parse(target), cancel)));
        return PathMtu.Of(path, found[0], found.Skip(1).Max());
    }
}
