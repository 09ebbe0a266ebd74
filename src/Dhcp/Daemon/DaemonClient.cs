using Cni;
using Linux;
using Linux.Sockets;

namespace Dhcp.Daemon;

/// <summary>The plugin's end of the daemon's socket.</summary>
/// <param name="socketPath">Where the daemon listens.</param>
public sealed class DaemonClient(string socketPath)
{
    /// <summary>Where a daemon listens unless it is told otherwise.</summary>
    public const string DefaultSocketPath = "/run/cni/dhcp.sock";

    private const int MaxAnswer = 1024 * 1024;

    // Less than runtimes wait, so that a failed ADD can still be undone.
    private static readonly TimeSpan s_timeLimit = TimeSpan.FromSeconds(80);

    /// <summary>Gets addresses, or those that the attachment has already.</summary>
    /// <exception cref="CniException">There are none, or no daemon.</exception>
    public CniResult Allocate(LeaseRequest request) =>
        CniResult.Parse(Call("ADD", request, "error calling DHCP.Allocate"), CniVersions.Newest, "answer of the DHCP daemon");

    /// <summary>Gives addresses back.</summary>
    /// <exception cref="CniException">There is no daemon.</exception>
    public void Release(LeaseRequest request) => _ = Call("DEL", request, "error calling DHCP.Release");

    /// <summary>Whether the attachment holds its addresses.</summary>
    /// <exception cref="CniException">It does not, or there is no daemon.</exception>
    public void Check(LeaseRequest request) => _ = Call("CHECK", request, "dhcp");

    /// <summary>Gives back what belongs to no valid attachment of the network.</summary>
    /// <exception cref="CniException">There is no daemon.</exception>
    public void Collect(LeaseRequest network, IReadOnlyList<Attachment> valid) =>
        _ = Call("GC", network, "error calling DHCP.Release", valid);

    /// <summary>Whether a daemon answers.</summary>
    /// <exception cref="CniException"><see cref="CniErrorCode.PluginNotAvailable"/>: none does.</exception>
    public void Ping(LeaseRequest network)
    {
        try
        {
            _ = Call("STATUS", network, "dhcp");
        }
        catch (CniException e)
        {
            throw new CniException(CniErrorCode.PluginNotAvailable, e.Message, e.Details, e);
        }
    }

    private byte[] Call(string command, LeaseRequest request, string prefix, IReadOnlyList<Attachment>? valid = null)
    {
        byte[] answer;
        try
        {
            using UnixStream stream = UnixStream.TryConnect(socketPath, s_timeLimit)
                ?? throw new LinuxException(Errno.ECONNREFUSED, $"connect to {socketPath}");
            stream.Send(new DaemonRequest(command, request, valid ?? []).ToLine());
            answer = Receive(stream, prefix);
        }
        catch (LinuxException e)
        {
            throw new CniException(
                CniErrorCode.TryAgainLater,
                $"error dialing DHCP daemon: {e.Message}; start it by \"dhcp daemon\", or set ipam.daemonSocketPath to where it listens",
                inner: e);
        }
        return ErrorAnswer.TryRead(answer, prefix) is { } error ? throw error : answer;
    }

    private byte[] Receive(UnixStream stream, string prefix)
    {
        using MemoryStream answer = new();
        byte[] buffer = new byte[4096];
        long end = Environment.TickCount64 + (long)s_timeLimit.TotalMilliseconds;
        try
        {
            for (int count; (count = stream.Receive(buffer)) > 0;)
            {
                answer.Write(buffer, 0, count);
                // Whatever listens at that path, and however slowly it speaks.
                if (answer.Length > MaxAnswer)
                {
                    throw new CniException(
                        CniErrorCode.DelegateFailure,
                        $"{prefix}: the answer is longer than {MaxAnswer} bytes; what listens at {socketPath} is no DHCP daemon");
                }
                if (Environment.TickCount64 > end)
                    throw new LinuxException(Errno.EAGAIN, "receive the answer");
            }
        }
        catch (LinuxException e) when (e.Errno == Errno.EAGAIN)
        {
            throw new CniException(
                CniErrorCode.TryAgainLater,
                $"{prefix}: no answer for {s_timeLimit.TotalSeconds} s: no DHCP server gives an address, or the daemon hangs",
                inner: e);
        }
        return answer.Length > 0
            ? answer.ToArray()
            : throw new LinuxException(Errno.ECONNRESET, "the DHCP daemon has ended without an answer");
    }
}
