using Cni;

namespace Plugins.Configuration;

/// <summary>The key <c>dataDir</c> of a chained plugin: where it writes down what nobody could find again.</summary>
internal static class RecordDirectory
{
    /// <summary>Reads the value on which a cursor stands.</summary>
    /// <param name="json">The cursor.</param>
    /// <param name="standard">The directory unless the configuration says otherwise.</param>
    /// <exception cref="CniException">It is no absolute path.</exception>
    public static string Read(ref JsonCursor json, string standard)
    {
        string path = json.String();
        if (path.Length == 0)
            return standard;
        return path[0] == '/' ? path : throw json.Invalid($"an absolute path, such as {standard}");
    }

    /// <summary>
    /// The directories in which a record may lie: the configured one and, since the key may have changed since the ADD, the default one. No
    /// other key is looked at. A value that no ADD can have used is told and left out: a DEL that failed for it would keep the plugins
    /// before this one from being called.
    /// </summary>
    /// <param name="call">A DEL or GC.</param>
    /// <param name="standard">The directory unless the configuration says otherwise.</param>
    public static IReadOnlyList<string> ReadAll(CniInvocation call, string standard)
    {
        string configured = standard;
        JsonCursor json = call.Config();
        json.EnterObject();
        while (json.NextMember())
        {
            if (!json.Is("dataDir"u8))
                continue;
            try
            {
                configured = Read(ref json, standard);
            }
            catch (CniException e)
            {
                call.Warn(e.Message);
            }
        }
        return configured == standard ? [standard] : [configured, standard];
    }
}
