using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Ipam.Store;

/// <summary>
/// The leases of the containers whose IDs share a hash. A lease is found by looking through its bucket's bytes, so that its cost is
/// that of a few pages however many leases there are.
/// </summary>
/// <remarks>
/// Layout, little-endian: u32 bytes in use (this included), then per lease: u16 length (this included), u16 length of the container
/// ID, the ID, u16 and interface name, u16 and netns path, i64 milliseconds since 1970, u8 flags (1 imported, 2 with origin),
/// the origin (u64 network namespace, u64 mount namespace, u64 ADD), u8 count of addresses, per address i16 range set, u8 length (4 or
/// 16), the address. A lease of more addresses than a record counts is several records behind each other. The rest is room to grow: a
/// document that grew with every lease would be scattered over as many pages.
/// </remarks>
internal sealed class LeaseBucket(byte[] bytes)
{
    /// <summary>How many buckets a store has.</summary>
    public const int Count = 256;

    /// <summary>How many addresses a record holds.</summary>
    public const int MaxAddresses = byte.MaxValue;

    /// <summary>The bytes of a record whose texts are empty and that has no address.</summary>
    public const int MinRecordLength = (4 * sizeof(ushort)) + sizeof(long) + 2;

    private const int HeaderSize = sizeof(uint);
    private const int InitialCapacity = 20;
    private const int LargestStep = 8000;

    private const byte ImportedFlag = 1;
    private const byte OriginFlag = 2;

    public LeaseBucket() : this(new byte[InitialCapacity]) => Used = HeaderSize;

    public byte[] Bytes { get; private set; } = bytes;

    private int Used
    {
        get => (int)BinaryPrimitives.ReadUInt32LittleEndian(Bytes);
        set => BinaryPrimitives.WriteUInt32LittleEndian(Bytes, (uint)value);
    }

    /// <summary>The number of the bucket of a container (FNV-1a).</summary>
    public static int NumberOf(string containerId)
    {
        uint hash = 2166136261;
        foreach (char c in containerId)
            hash = (hash ^ c) * 16777619;
        return (int)(hash % Count);
    }

    public IReadOnlyList<Lease> All()
    {
        List<Lease> leases = [];
        for (int at = HeaderSize; at < Used; at += LengthAt(at))
            Append(leases, new Reader(Bytes.AsSpan(at)).ReadLease());
        return leases;
    }

    /// <summary>What looks like records in the bytes of a bucket that are damaged. It may never have been written.</summary>
    public static IReadOnlyList<Lease> Salvage(ReadOnlySpan<byte> bytes)
    {
        List<Lease> leases = [];
        for (int at = HeaderSize; at < bytes.Length;)
        {
            Lease? lease = TryDecode(bytes[at..]);
            if (lease is not null)
                leases.Add(lease);
            at += lease is null ? 1 : BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
        }
        return leases;
    }

    /// <summary>The leases of one container.</summary>
    public IReadOnlyList<Lease> Of(string containerId)
    {
        byte[] id = Encoding.UTF8.GetBytes(containerId);
        List<Lease> leases = [];
        for (int at = HeaderSize; at < Used; at += LengthAt(at))
        {
            if (new Reader(Bytes.AsSpan(at)).ReadIdBytes().SequenceEqual(id))
                Append(leases, new Reader(Bytes.AsSpan(at)).ReadLease());
        }
        return leases;
    }

    public void Add(Lease lease)
    {
        foreach (LeasedAddress[] addresses in lease.Addresses.Chunk(MaxAddresses))
            AddRecord(Encode(lease with { Addresses = addresses }));
    }

    /// <summary>Removes the lease of exactly this key.</summary>
    public void Remove(LeaseKey key)
    {
        for (int at = HeaderSize; at < Used;)
        {
            int length = LengthAt(at);
            if (new Reader(Bytes.AsSpan(at)).ReadLease().Key != key)
            {
                at += length;
                continue;
            }
            Bytes.AsSpan((at + length)..Used).CopyTo(Bytes.AsSpan(at));
            Bytes.AsSpan((Used - length)..Used).Clear();
            Used -= length;
        }
    }

    /// <summary>A lease as it stands in a bucket.</summary>
    public static byte[] Encode(Lease lease)
    {
        using MemoryStream stream = new(256);
        using BinaryWriter writer = new(stream);
        writer.Write((ushort)0);
        foreach (string text in (ReadOnlySpan<string>)[lease.Key.ContainerId, lease.Key.IfName, lease.NetNS])
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            writer.Write((ushort)utf8.Length);
            writer.Write(utf8);
        }
        writer.Write(lease.CreatedAt.ToUnixTimeMilliseconds());
        writer.Write((byte)((lease.Imported ? ImportedFlag : 0) | (lease.Origin != default ? OriginFlag : 0)));
        if (lease.Origin != default)
        {
            writer.Write(lease.Origin.NetworkNamespace);
            writer.Write(lease.Origin.MountNamespace);
            writer.Write(lease.Origin.Add);
        }
        writer.Write((byte)lease.Addresses.Count);
        foreach ((int rangeSet, IPAddress address) in lease.Addresses)
        {
            byte[] addressBytes = address.GetAddressBytes();
            writer.Write((short)rangeSet);
            writer.Write((byte)addressBytes.Length);
            writer.Write(addressBytes);
        }
        byte[] record = stream.ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(record, checked((ushort)record.Length));
        return record;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    public static Lease Decode(ReadOnlySpan<byte> record) => new Reader(record).ReadLease();

    private void AddRecord(byte[] record)
    {
        int end = Used + record.Length;
        if (end > Bytes.Length)
        {
            byte[] larger = new byte[CapacityFor(end)];
            Bytes.CopyTo(larger, 0);
            Bytes = larger;
        }
        record.CopyTo(Bytes, Used);
        Used = end;
    }

    /// <summary>Puts a record behind others: to the last lease, if that goes on in it.</summary>
    private static void Append(List<Lease> leases, Lease record)
    {
        if (leases.Count > 0 && leases[^1].Key == record.Key)
            leases[^1] = leases[^1] with { Addresses = [.. leases[^1].Addresses, .. record.Addresses] };
        else
            leases.Add(record);
    }

    /// <summary>A record that, written again, is the same bytes; null if there is none.</summary>
    private static Lease? TryDecode(ReadOnlySpan<byte> bytes)
    {
        int length = bytes.Length < MinRecordLength ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        if (length < MinRecordLength || length > bytes.Length)
            return null;
        try
        {
            Lease lease = Decode(bytes[..length]);
            bool isNamed = lease.Addresses.Count > 0 && lease.Key.ContainerId.Length > 0;
            return isNamed && Encode(lease).AsSpan().SequenceEqual(bytes[..length]) ? lease : null;
        }
        catch (ArgumentException)
        {
            // A length that leads out of the record, a time or an address that is none.
            return null;
        }
    }

    private static int CapacityFor(int length)
    {
        int capacity = 128;
        while (capacity < length)
            capacity += Math.Min(3 * capacity, LargestStep);
        return capacity;
    }

    private int LengthAt(int at) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes.AsSpan(at));

    private ref struct Reader(ReadOnlySpan<byte> record)
    {
        private ReadOnlySpan<byte> _rest = record[sizeof(ushort)..];

        public ReadOnlySpan<byte> ReadIdBytes() => Take(ReadUInt16());

        public Lease ReadLease()
        {
            LeaseKey key = new(ReadText(), ReadText());
            string netns = ReadText();
            DateTimeOffset createdAt = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long))));
            byte flags = Take(1)[0];
            LeaseOrigin origin = (flags & OriginFlag) != 0 ? new LeaseOrigin(ReadUInt64(), ReadUInt64(), ReadUInt64()) : default;
            LeasedAddress[] addresses = new LeasedAddress[Take(1)[0]];
            foreach (ref LeasedAddress address in addresses.AsSpan())
                address = new LeasedAddress((short)ReadUInt16(), new IPAddress(Take(Take(1)[0])));
            return new Lease
            {
                Key = key,
                NetNS = netns,
                CreatedAt = createdAt,
                Imported = (flags & ImportedFlag) != 0,
                Origin = origin,
                Addresses = addresses,
            };
        }

        private string ReadText() => Encoding.UTF8.GetString(Take(ReadUInt16()));

        private ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));

        private ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

        private ReadOnlySpan<byte> Take(int length)
        {
            ReadOnlySpan<byte> taken = _rest[..length];
            _rest = _rest[length..];
            return taken;
        }
    }
}
