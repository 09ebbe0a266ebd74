using Linux.Addresses;

namespace Cni;

/// <summary>The CNI_ variables. An empty one is an absent one.</summary>
internal sealed record CniEnvironment
{
    /// <summary>CNI_COMMAND as it stands; it may name no verb.</summary>
    public required string Command { get; init; }

    public required CniVerb? Verb { get; init; }

    public required string ContainerId { get; init; }

    public required string NetNS { get; init; }

    public required string IfName { get; init; }

    public required string Args { get; init; }

    public required string Path { get; init; }

    /// <summary>CNI_NETNS_OVERRIDE: the caller means it when CNI_NETNS is the plugin's own namespace.</summary>
    public required bool NetNSOverride { get; init; }

    public static CniEnvironment Read(ICniHost host)
    {
        string command = host.Variable("CNI_COMMAND");
        return new CniEnvironment
        {
            Command = command,
            Verb = CniVerbText.Parse(command),
            ContainerId = host.Variable("CNI_CONTAINERID"),
            NetNS = host.Variable("CNI_NETNS"),
            IfName = host.Variable("CNI_IFNAME"),
            Args = host.Variable("CNI_ARGS"),
            Path = host.Variable("CNI_PATH"),
            NetNSOverride = host.Variable("CNI_NETNS_OVERRIDE") is var value
                && (value == "1" || value.Equals("true", StringComparison.OrdinalIgnoreCase)),
        };
    }

    /// <summary>Checks what the verb needs; variables that it does not need may hold anything.</summary>
    /// <exception cref="CniException">
    /// <see cref="CniErrorCode.InvalidEnvironment"/>: the first invalid value, else every missing variable at once.
    /// </exception>
    public void Validate()
    {
        bool attachment = Verb is CniVerb.Add or CniVerb.Del or CniVerb.Check;
        if (attachment)
        {
            if (ContainerId.Length > 0 && !Identifier.IsValid(ContainerId))
                throw Invalid($"CNI_CONTAINERID \"{ContainerId}\" is invalid: it must be {Identifier.Rule}");
            if (IfName.Length > 0 && InterfaceName.Problem(IfName) is { } problem)
                throw Invalid($"CNI_IFNAME \"{IfName}\" {problem}");
        }
        List<string> missing = [];
        if (attachment && ContainerId.Length == 0)
            missing.Add("CNI_CONTAINERID");
        if (Verb is CniVerb.Add or CniVerb.Check && NetNS.Length == 0)
            missing.Add("CNI_NETNS");
        if (attachment && IfName.Length == 0)
            missing.Add("CNI_IFNAME");
        // The specification makes it optional; libcni's skeleton and its tests do not, and every runtime sets it.
        if (Verb is not null && Path.Length == 0)
            missing.Add("CNI_PATH");
        if (missing.Count > 0)
            throw Invalid($"required env variables [{string.Join(',', missing)}] missing");
    }

    private static CniException Invalid(string message) => new(CniErrorCode.InvalidEnvironment, message);
}
