using System.Net;
using System.Runtime.InteropServices;
using Linux;
using Linux.Addresses;
using Netlink.Conntrack;
using Netlink.Netfilter;
using Netlink.Testing;
using Netlink.Wire;

namespace Netlink.Tests.Conntrack;

public sealed class ConntrackGoldenTests
{
    private const byte Udp = 17;
    private const ushort New = 0x100;
    private const ushort Delete = 0x102;
    private const ushort CTA_TUPLE_ORIG = 1;
    private const ushort CTA_ID = 12;
    private const ushort CTA_ZONE = 18;
    private const ushort CTA_FILTER = 25;

    private static readonly ConntrackEntry s_inZone = new(Tuple("127.0.0.1", 40000, 5355), Tuple("127.0.0.1", 5355, 40000))
    {
        Id = 0x426cbd7d,
        Status = (CtStatus)0x188,
        Zone = 7,
    };

    [Fact]
    public void Entry_in_a_zone_is_read() => Assert.Equal(s_inZone, Read(GoldenConntrack.InZone));

    [Fact]
    public void Translated_entry_is_read()
    {
        ConntrackEntry entry = Read(GoldenConntrack.Translated)!;
        Assert.Equal(Tuple("127.0.0.1", 40000, 5353), entry.Original);
        Assert.Equal(Tuple("127.0.0.1", 53, 40000), entry.Reply);
        Assert.True(entry.Status.HasFlag(CtStatus.DestinationNat));
        Assert.Equal((0xebe2e607u, (ushort?)null), (entry.Id, entry.Zone));
    }

    [Fact]
    public void IPv6_entry_is_read()
    {
        ConntrackEntry entry = Read(GoldenConntrack.IPv6)!;
        Assert.Equal(Tuple("::1", 40001, 5353), entry.Original);
        Assert.Equal(Tuple("::1", 5353, 40001), entry.Reply);
        Assert.Equal(IpFamily.IPv6, entry.Original.Family);
    }

    [Fact]
    public void Deletion_names_tuple_and_zone_as_conntrack_does_and_the_ID()
    {
        byte[] recorded = Hex.Parse(GoldenConntrack.DeleteInZone);
        Dictionary<ushort, string> theirs = Attributes(recorded[16..]);
        ScriptedTransport kernel = new ScriptedTransport().OnSend(Acknowledge);
        using (ConntrackClient client = new(new NetlinkSocket(kernel, protocol: NetlinkProtocol.Netfilter)))
            client.Delete([s_inZone]);
        ScriptedRequest request = kernel.Sent[0][0];
        Dictionary<ushort, string> ours = Attributes(request.Payload);
        Assert.Equal(
            (MemoryMarshal.Read<ushort>(recorded.AsSpan(4)), MemoryMarshal.Read<ushort>(recorded.AsSpan(6))),
            (request.Type, request.Flags));
        Assert.Equal(recorded[16..20], request.Payload[..4]);
        Assert.Equal([CTA_TUPLE_ORIG, CTA_ID, CTA_ZONE], ours.Keys);
        Assert.Equal(theirs[CTA_TUPLE_ORIG], ours[CTA_TUPLE_ORIG]);
        Assert.Equal(theirs[CTA_ZONE], ours[CTA_ZONE]);
        Assert.Equal("426CBD7D", ours[CTA_ID]);
    }

    // A DELETE without a tuple empties the node's whole table, and CTA_FILTER makes it one without a tuple.
    [Fact]
    public void Every_deletion_has_a_tuple_and_no_filter()
    {
        ConntrackEntry[] entries = [.. Enumerable.Range(1, 300).Select(number => s_inZone with { Id = (uint)number })];
        ScriptedTransport kernel = new();
        for (int datagram = 0; datagram < 3; datagram++)
            _ = kernel.OnSend(Acknowledge);
        using (ConntrackClient client = new(new NetlinkSocket(kernel, protocol: NetlinkProtocol.Netfilter)))
            client.Delete(entries);
        ScriptedRequest[] requests = [.. kernel.Sent.SelectMany(static datagram => datagram)];
        Assert.Equal(entries.Length, requests.Length);
        Assert.All(requests, static request =>
        {
            Assert.Equal(Delete, request.Type);
            Assert.Contains(CTA_TUPLE_ORIG, Attributes(request.Payload).Keys);
            Assert.DoesNotContain(CTA_FILTER, Attributes(request.Payload).Keys);
        });
    }

    // Debian's 6.1 and others refuse a filter here and there.
    [Theory]
    [InlineData(Errno.EINVAL)]
    [InlineData(Errno.EOPNOTSUPP)]
    public void Refused_filter_is_applied_here(Errno refusal)
    {
        byte[] zone = Hex.Parse(GoldenConntrack.InZone)[16..], translated = Hex.Parse(GoldenConntrack.Translated)[16..];
        ScriptedTransport kernel = new ScriptedTransport()
            .OnSend(requests => [ScriptedTransport.Error(requests[0].Sequence, refusal)])
            .OnSend(requests =>
            [
                ScriptedTransport.Message(New, AnswerFlags.Multipart, requests[0].Sequence, zone),
                ScriptedTransport.Message(New, AnswerFlags.Multipart, requests[0].Sequence, translated),
                ScriptedTransport.Done(requests[0].Sequence),
            ]);
        using (ConntrackClient client = new(new NetlinkSocket(kernel, protocol: NetlinkProtocol.Netfilter)))
            Assert.Equal([s_inZone], client.List(new ConntrackFilter(IpFamily.IPv4, Udp) { DestinationPort = 5355 }));
        Assert.Contains(CTA_FILTER, Attributes(kernel.Sent[0][0].Payload).Keys);
        Assert.Empty(Attributes(kernel.Sent[1][0].Payload));
    }

    [Fact]
    public void Deleting_nothing_sends_nothing()
    {
        ScriptedTransport kernel = new();
        using ConntrackClient client = new(new NetlinkSocket(kernel, protocol: NetlinkProtocol.Netfilter));
        client.Delete([]);
        Assert.Empty(kernel.Sent);
    }

    [Fact]
    public void Random_bytes_are_read_or_refused()
    {
        Random random = new(3);
        byte[] bytes = new byte[200];
        int read = 0, refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] golden = Hex.Parse(GoldenConntrack.InZone);
            int length = random.Next(bytes.Length);
            random.NextBytes(bytes);
            // Half of them well-formed but for one byte.
            ReadOnlySpan<byte> payload = i % 2 == 0 ? bytes.AsSpan(0, length) : golden.AsSpan(16);
            if (i % 2 == 1)
                golden[16 + random.Next(golden.Length - 16)] = (byte)random.Next(256);
            try
            {
                _ = ConntrackEntry.Read(payload);
                read++;
            }
            catch (WireFormatException)
            {
                refused++;
            }
        }
        Assert.True(read > 0 && refused > 0);
    }

    private static ConntrackTuple Tuple(string address, ushort sourcePort, ushort destinationPort) =>
        new(IPAddress.Parse(address), IPAddress.Parse(address), Udp, sourcePort, destinationPort);

    private static IEnumerable<byte[]> Acknowledge(ScriptedRequest[] requests) =>
        requests.Select(static request => ScriptedTransport.Error(request.Sequence));

    /// <summary>The attributes behind struct nfgenmsg, as hexadecimal digits.</summary>
    private static Dictionary<ushort, string> Attributes(byte[] payload)
    {
        Dictionary<ushort, string> values = [];
        AttributeReader attributes = new(payload.AsSpan(4));
        while (attributes.MoveNext())
            values.Add(attributes.Type, Convert.ToHexString(attributes.Value));
        return values;
    }

    private static ConntrackEntry? Read(string golden)
    {
        MessageReader messages = new(Hex.Parse(golden));
        Assert.True(messages.MoveNext());
        return ConntrackEntry.Read(messages.Payload);
    }
}
