namespace Linux.Addresses;

/// <summary>What follows from an address family.</summary>
public static class IpFamilies
{
    extension(IpFamily family)
    {
        /// <summary>Both, IPv4 first.</summary>
        public static IReadOnlyList<IpFamily> Both => [IpFamily.IPv4, IpFamily.IPv6];

        /// <summary>The family of a version of the protocol, as stored data names it: 6 for IPv6.</summary>
        public static IpFamily OfVersion(byte version) => version == 6 ? IpFamily.IPv6 : IpFamily.IPv4;

        public bool IsIPv6 => family == IpFamily.IPv6;

        /// <summary>The version of the protocol: 4 or 6.</summary>
        public byte Version => (byte)(family.IsIPv6 ? 6 : 4);

        /// <summary>How many bits an address has.</summary>
        public int AddressBits => family.IsIPv6 ? 128 : 32;
    }
}
