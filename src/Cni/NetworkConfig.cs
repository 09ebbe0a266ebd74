namespace Cni;

/// <summary>
/// What the protocol itself reads from a configuration: one pass over stdin, which also proves that all of it is JSON. The plugin's own
/// keys are read from the same bytes afterwards.
/// </summary>
internal readonly struct NetworkConfig
{
    public const string Document = "network configuration";

    /// <summary>The network's name; empty if there is none.</summary>
    public required string Name { get; init; }

    /// <summary>The version; <see cref="CniVersions.Default"/> if there is none.</summary>
    public required string CniVersion { get; init; }

    /// <summary>Where <c>prevResult</c> lies.</summary>
    public required Range? PrevResult { get; init; }

    /// <summary>Where <c>ipam</c> lies.</summary>
    public required Range? Ipam { get; init; }

    /// <summary>Where <c>dns</c> lies.</summary>
    public required Range? Dns { get; init; }

    /// <summary>Where GC's list lies.</summary>
    public required Range? ValidAttachments { get; init; }

    /// <exception cref="CniException"><see cref="CniErrorCode.DecodingFailure"/></exception>
    public static NetworkConfig Read(ReadOnlySpan<byte> json)
    {
        string name = "", cniVersion = "";
        Range? prevResult = null, ipam = null, dns = null, validAttachments = null, attachments = null;
        JsonCursor cursor = new(json, Document);
        cursor.EnterObject();
        while (cursor.NextMember())
        {
            if (cursor.Is("name"u8))
                name = cursor.String();
            else if (cursor.Is("cniVersion"u8))
                cniVersion = cursor.String();
            else if (cursor.Is("prevResult"u8))
                prevResult = cursor.RawRange();
            else if (cursor.Is("ipam"u8))
                ipam = cursor.RawRange();
            else if (cursor.Is("dns"u8))
                dns = cursor.RawRange();
            else if (cursor.Is("cni.dev/valid-attachments"u8))
                validAttachments = cursor.RawRange();
            else if (cursor.Is("cni.dev/attachments"u8))
                attachments = cursor.RawRange();
        }
        cursor.Finish();
        return new NetworkConfig
        {
            Name = name,
            CniVersion = cniVersion.Length > 0 ? cniVersion : CniVersions.Default,
            PrevResult = prevResult,
            Ipam = ipam,
            Dns = dns,
            // The specification's text and libcni disagree on the key; libcni from 1.2.3 on sends both (containernetworking/cni#1101).
            ValidAttachments = validAttachments ?? attachments,
        };
    }

    /// <summary>Reads <c>type</c> of an <c>ipam</c> section; null if there is none.</summary>
    public static string? ReadIpamType(ReadOnlySpan<byte> json)
    {
        string type = "";
        JsonCursor cursor = new(json, Document, "ipam");
        cursor.EnterObject();
        while (cursor.NextMember())
        {
            if (cursor.Is("type"u8))
                type = cursor.String();
        }
        return type.Length > 0 ? type : null;
    }

    /// <summary>Reads a <c>dns</c> section; null if it has no members, as Go programs write one that says nothing.</summary>
    public static CniDns? ReadDns(ReadOnlySpan<byte> json)
    {
        JsonCursor members = new(json, Document, "dns");
        members.EnterObject();
        if (!members.NextMember())
            return null;
        JsonCursor cursor = new(json, Document, "dns");
        return CniDns.Read(ref cursor);
    }

    /// <summary>GC's list; empty if there is none, which means that nothing is in use.</summary>
    /// <exception cref="CniException">An entry lacks one of its keys: leaving it out would collect a live attachment.</exception>
    public IReadOnlyList<Attachment> ReadValidAttachments(ReadOnlySpan<byte> json)
    {
        List<Attachment> list = [];
        if (ValidAttachments is not { } range)
            return list;
        JsonCursor cursor = new(json[range], Document, "cni.dev/valid-attachments");
        cursor.EnterArray();
        while (cursor.NextElement())
        {
            string? containerId = null, ifName = null;
            cursor.EnterObject();
            while (cursor.NextMember())
            {
                if (cursor.Is("containerID"u8))
                    containerId = cursor.String();
                else if (cursor.Is("ifname"u8))
                    ifName = cursor.String();
            }
            if (containerId is null || ifName is null)
            {
                throw CniException.InvalidConfig($"{Document}: cni.dev/valid-attachments[{list.Count}] must have containerID and ifname");
            }
            list.Add(new Attachment(containerId, ifName));
        }
        return list;
    }
}
