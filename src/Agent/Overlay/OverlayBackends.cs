namespace Agent.Overlay;

/// <summary>Backends by the names that configurations have for them.</summary>
public static class OverlayBackends
{
    /// <summary>All names, for messages that say what can be written.</summary>
    public static IReadOnlyList<string> Names => ["auto", "vxlan", "host-gw", "wireguard"];

    extension(OverlayBackend backend)
    {
        /// <summary>The backend's name: <c>host-gw</c>.</summary>
        public string Name => Names[(int)backend];
    }

    /// <summary>Finds a backend by its name.</summary>
    /// <returns>Null if there is none of that name.</returns>
    public static OverlayBackend? Find(string name)
    {
        for (int i = 0; i < Names.Count; i++)
        {
            if (Names[i] == name)
                return (OverlayBackend)i;
        }
        return null;
    }
}
