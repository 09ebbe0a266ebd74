using Netlink.Wire;

namespace Netlink.Nftables;

/// <summary>How a chain hangs in the path of packets.</summary>
/// <param name="Type">What it may do: <c>filter</c>, <c>nat</c> or <c>route</c>.</param>
/// <param name="Hook">Where it sees packets.</param>
/// <param name="Priority">Its place among the chains of the hook, see <see cref="NftPriority"/>.</param>
/// <param name="Policy">What becomes of packets that reach its end.</param>
public sealed record NftBaseChain(string Type, NftHook Hook, int Priority, NftPolicy Policy = NftPolicy.Accept)
{
    // enum nft_hook_attributes
    private const ushort NFTA_HOOK_HOOKNUM = 1;
    private const ushort NFTA_HOOK_PRIORITY = 2;
    private const ushort NFTA_HOOK_DEV = 3;
    private const ushort NFTA_HOOK_DEVS = 4;

    // enum nft_devices_attributes
    private const ushort NFTA_DEVICE_NAME = 1;

    /// <summary>The devices of an ingress hook, else empty.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    // NFTA_CHAIN_HOOK:
    //   NFTA_HOOK_HOOKNUM   be32
    //   NFTA_HOOK_PRIORITY  be32, signed
    //   NFTA_HOOK_DEV       string, if there is one device
    //   NFTA_HOOK_DEVS      NFTA_DEVICE_NAME each, if there are several
    internal void WriteHook(NetlinkWriter writer, ushort type)
    {
        int hook = writer.BeginNest(type);
        writer.WriteUInt32BigEndianAttribute(NFTA_HOOK_HOOKNUM, (uint)Hook);
        writer.WriteUInt32BigEndianAttribute(NFTA_HOOK_PRIORITY, (uint)Priority);
        if (Devices.Count == 1)
        {
            writer.WriteStringAttribute(NFTA_HOOK_DEV, Devices[0]);
        }
        else if (Devices.Count > 1)
        {
            int devices = writer.BeginNest(NFTA_HOOK_DEVS);
            foreach (string device in Devices)
                writer.WriteStringAttribute(NFTA_DEVICE_NAME, device);
            writer.EndNest(devices);
        }
        writer.EndNest(hook);
    }

    internal static NftBaseChain ReadHook(AttributeReader attributes, string type, NftPolicy policy)
    {
        NftHook hook = default;
        int priority = 0;
        List<string> devices = [];
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_HOOK_HOOKNUM:
                    hook = (NftHook)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_HOOK_PRIORITY:
                    priority = (int)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_HOOK_DEV when devices.Count == 0:
                    devices.Add(attributes.ReadString());
                    break;
                // The kernel repeats a single device as NFTA_HOOK_DEV for the sake of old readers.
                case NFTA_HOOK_DEVS:
                    devices = ReadDevices(attributes.ReadNest());
                    break;
            }
        }
        return new NftBaseChain(type, hook, priority, policy) { Devices = devices };
    }

    private static List<string> ReadDevices(AttributeReader attributes)
    {
        List<string> devices = [];
        while (attributes.MoveNext())
        {
            if (attributes.Type == NFTA_DEVICE_NAME)
                devices.Add(attributes.ReadString());
        }
        return devices;
    }
}
