using System.Text;

namespace Cni;

/// <summary>
/// A network as it stands in a file: a list of plugins (<c>.conflist</c>) or one (<c>.conf</c>), each as it would be given to its plugin.
/// </summary>
public static class NetworkList
{
    /// <summary>Reads a file's text.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="document">What it is called in messages.</param>
    /// <returns>The plugins in their order, each with its <c>type</c> and its configuration.</returns>
    /// <exception cref="CniException">It is no network; the message names the key.</exception>
    public static IReadOnlyList<(string Type, byte[] Configuration)> Read(ReadOnlySpan<byte> json, string document)
    {
        string name = "", version = "";
        List<string> versions = [];
        List<byte[]>? plugins = null;
        JsonCursor cursor = new(json, document);
        cursor.EnterObject();
        while (cursor.NextMember())
        {
            if (cursor.Is("name"u8))
                name = cursor.String();
            else if (cursor.Is("cniVersion"u8))
                version = cursor.String();
            else if (cursor.Is("cniVersions"u8))
                versions = cursor.Strings();
            else if (cursor.Is("plugins"u8))
                plugins = ReadPlugins(ref cursor);
        }
        cursor.Finish();
        if (!Identifier.IsValid(name))
            throw CniException.InvalidConfig($"{document}: name is \"{name}\", expected {Identifier.Rule}");
        // The newest that both know, as libcni chooses.
        version = CniVersions.All.LastOrDefault(known => known == version || versions.Contains(known)) ?? version;
        if (version.Length == 0)
            version = CniVersions.Default;
        if (!CniVersions.All.Contains(version))
        {
            throw new CniException(
                CniErrorCode.IncompatibleVersion,
                $"{document}: cniVersion is \"{version}\"; supported are {string.Join(", ", CniVersions.All)}");
        }
        if (plugins is { Count: 0 })
            throw CniException.InvalidConfig($"{document}: plugins is empty");
        return
        [
            .. (plugins ?? [json.ToArray()])
                .Select((plugin, i) => Describe(plugin, name, version, plugins is null ? document : $"{document}: plugins[{i}]")),
        ];
    }

    private static List<byte[]> ReadPlugins(ref JsonCursor cursor)
    {
        List<byte[]> plugins = [];
        cursor.EnterArray();
        while (cursor.NextElement())
            plugins.Add(cursor.Raw().ToArray());
        return plugins;
    }

    private static (string Type, byte[] Configuration) Describe(byte[] plugin, string name, string version, string document)
    {
        string type = "";
        JsonCursor cursor = new(plugin, document);
        cursor.EnterObject();
        while (cursor.NextMember())
        {
            if (cursor.Is("type"u8))
                type = cursor.String();
        }
        if (type.Length == 0)
            throw CniException.InvalidConfig($"{document}: type is missing");
        // Behind what stands there, and so in its place. There is a member before it: type.
        string members = Encoding.UTF8.GetString(plugin).TrimEnd()[..^1];
        return (type, Encoding.UTF8.GetBytes($"{members}, \"name\": \"{name}\", \"cniVersion\": \"{version}\"}}"));
    }
}
