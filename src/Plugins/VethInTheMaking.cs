namespace Plugins;

/// <summary>Tells the thread that asks whether an attachment is alive which link is the work of the ADD that is just running.</summary>
internal sealed class VethInTheMaking
{
    private volatile int _hostIndex;

    /// <summary>To be called before the link is made.</summary>
    public void Announce(int hostIndex) => _hostIndex = hostIndex;

    public bool IsHostEnd(int index) => index == _hostIndex;
}
