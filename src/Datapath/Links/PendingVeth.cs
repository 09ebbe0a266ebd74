namespace Datapath.Links;

/// <summary>
/// What the two threads of an ADD tell each other: which link the one makes, and whether the other has found out that one may be in its
/// way.
/// </summary>
public sealed class PendingVeth
{
    private readonly object _decision = new();
    private volatile int _hostIndex;
    private bool _replacesKilled;
    private bool? _hasAddresses;

    /// <summary>Whether an ADD of the attachment was killed before, as far as its mark tells.</summary>
    public bool WasLeft { get; init; }

    /// <summary>To be called before the link is made.</summary>
    public void Announce(int hostIndex) => _hostIndex = hostIndex;

    /// <summary>To be called when the link has not been made after all, so that the number may be another's.</summary>
    public void Withdraw() => _hostIndex = 0;

    public bool IsHostEnd(int index) => index == _hostIndex;

    /// <summary>The lease of the attachment was that of an ADD that was killed.</summary>
    public void ReplaceKilled()
    {
        lock (_decision)
            _replacesKilled = true;
    }

    /// <summary>No more is found out.</summary>
    /// <param name="hasAddresses">Whether addresses were given: there is no living lease of the attachment then.</param>
    public void Decide(bool hasAddresses)
    {
        lock (_decision)
        {
            _hasAddresses = hasAddresses;
            Monitor.PulseAll(_decision);
        }
    }

    /// <summary>
    /// Whether a link that bears the attachment's tag was left by an ADD that was killed. That is waited for; as a rule nothing has been
    /// left, and it is known at once.
    /// </summary>
    /// <param name="isUnfinished">Whether the link shows that no ADD has come to its end with it.</param>
    public bool IsLeft(bool isUnfinished)
    {
        if (!WasLeft)
            return false;
        lock (_decision)
        {
            while (_hasAddresses is null)
                _ = Monitor.Wait(_decision);
            return _hasAddresses.Value && (_replacesKilled || isUnfinished);
        }
    }
}
