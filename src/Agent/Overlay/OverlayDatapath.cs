using Linux.Addresses;
using Linux.Namespaces;

namespace Agent.Overlay;

/// <summary>
/// This node's ways to the pods of the others, in the kernel: tunnels, forwarding entries, neighbours, routes and rules of the firewall. All
/// of it stays and works when nobody runs this; what somebody else changes is mended.
/// </summary>
/// <example><code>
/// using OverlayDatapath overlay = OverlayDatapath.Open(settings);
/// Task running = overlay.RunAsync(cancellation);
/// overlay.Update(peers, ownBlocks, pools);
/// </code></example>
public sealed class OverlayDatapath : IDisposable
{
    private readonly OverlaySettings _settings;
    private readonly NetworkNamespace? _namespace;
    private (IReadOnlyList<OverlayPeer> Peers, IReadOnlyList<IpPrefix> OwnBlocks, IReadOnlyList<IpPrefix> Pools)? _wanted;

    private OverlayDatapath(OverlaySettings settings, NetworkNamespace? networkNamespace) =>
        (_settings, _namespace) = (settings, networkNamespace);

    /// <summary>Raised, on a thread of the datapath's, when <see cref="Problems"/> has changed.</summary>
    public event Action? Changed;

    /// <summary>Gets a line for the log, on a thread of the datapath's: what was changed in the kernel, and what could not be.</summary>
    public Action<string>? Log { get; set; }

    /// <summary>What is not as wanted, each as a sentence that begins with whom it is about; empty if all is well.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    /// <summary>The MTU that pods of the overlay should have, bytes; null while it is not known.</summary>
    public int? Mtu => _settings.Mtu;

    /// <summary>Prepares the overlay of a network namespace; nothing is changed before <see cref="RunAsync"/>.</summary>
    /// <param name="settings">Node and cluster.</param>
    /// <param name="networkNamespace">Where; must stay open. Null for the calling thread's.</param>
    /// <exception cref="ArgumentException">A setting is wrong; the message names it, its value and the remedy.</exception>
    public static OverlayDatapath Open(OverlaySettings settings, NetworkNamespace? networkNamespace = null) =>
        new(settings, networkNamespace);

    /// <summary>
    /// Says what there should be from now on, in place of what was said before. Any thread may call it; it only takes the values and returns.
    /// Before the first call the kernel is left as it is.
    /// </summary>
    /// <param name="peers">All other nodes.</param>
    /// <param name="ownBlocks">The blocks of this node.</param>
    /// <param name="pools">All addresses of the cluster's pods: what goes there is never masqueraded.</param>
    public void Update(IReadOnlyList<OverlayPeer> peers, IReadOnlyList<IpPrefix> ownBlocks, IReadOnlyList<IpPrefix> pools)
    {
        _wanted = (peers, ownBlocks, pools);
        Changed?.Invoke();
    }

    /// <summary>
    /// Keeps the kernel as it should be until it is cancelled; then all stays as it is. Refusals of the kernel are
    /// <see cref="Problems"/> and tried again.
    /// </summary>
    /// <returns>Ends, without an error, when it is cancelled.</returns>
    public Task RunAsync(CancellationToken cancellation) =>
        throw new NotSupportedException($"the overlay of {_settings.Node} in {_namespace} has no datapath yet ({_wanted})");

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
