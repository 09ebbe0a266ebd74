using Dhcp.Client;

namespace Dhcp.Tests.Daemon;

/// <summary>Writes down what becomes of a lease.</summary>
internal sealed class FakeOwner : ILeaseOwner
{
    public List<string> Events { get; } = [];

    public Exception? Failure { get; private set; }

    public void LeaseChanged() => Events.Add("changed");

    public void AcquisitionFailed(Exception failure)
    {
        Failure = failure;
        Events.Add("failed");
    }

    public void LeaseExpired() => Events.Add("expired");

    public void LinkGone(string reason) => Events.Add("gone");

    public void Log(string message)
    {
    }
}
