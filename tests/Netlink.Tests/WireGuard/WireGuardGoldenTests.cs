using System.Globalization;
using System.Net;
using Linux;
using Netlink.Testing;
using Netlink.Wire;
using Netlink.WireGuard;
using TestKit;

namespace Netlink.Tests.WireGuard;

/// <summary>We send what wg sends, and read what it reads.</summary>
public sealed class WireGuardGoldenTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "WireGuard", "Golden");

    private static readonly Dictionary<string, WireGuardChange> Changes = new()
    {
        ["wg set wg0 private-key k1 listen-port 51820 fwmark 0x10"] =
            new WireGuardChange { PrivateKey = Key(1), ListenPort = 51820, FirewallMark = 0x10 },
        ["wg set wg0 peer K2 preshared-key psk endpoint 192.0.2.2:51820 persistent-keepalive 25 "
            + "allowed-ips 10.244.2.0/26,fd00:244:2::/122"] = Of(new WireGuardPeerChange
            {
                PublicKey = Key(2),
                PresharedKey = Key(9),
                Endpoint = IPEndPoint.Parse("192.0.2.2:51820"),
                PersistentKeepalive = 25,
                ReplaceAllowedIps = true,
                AllowedIps = [TestCall.Prefix("10.244.2.0/26"), TestCall.Prefix("fd00:244:2::/122")],
            }),
        ["wg set wg0 peer K3 endpoint [2001:db8::3]:51821 allowed-ips 10.244.3.0/26"] = Of(new WireGuardPeerChange
        {
            PublicKey = Key(3),
            Endpoint = IPEndPoint.Parse("[2001:db8::3]:51821"),
            ReplaceAllowedIps = true,
            AllowedIps = [TestCall.Prefix("10.244.3.0/26")],
        }),
        ["wg set wg0 peer K3 remove"] = Of(new WireGuardPeerChange { PublicKey = Key(3), Remove = true }),
        ["wg setconf wg0 set.conf"] = new WireGuardChange
        {
            PrivateKey = Key(1),
            ListenPort = 51820,
            FirewallMark = 0,
            ReplacePeers = true,
            Peers =
            [
                new WireGuardPeerChange
                {
                    PublicKey = Key(2),
                    ReplaceAllowedIps = true,
                    AllowedIps = [TestCall.Prefix("10.244.2.64/26")],
                },
            ],
        },
    };

    public static TheoryData<string> Commands => [.. Changes.Keys];

    [Fact]
    public void Every_recorded_command_is_sent_by_us_too() => Assert.Equal(
        Changes.Keys.Append("find wireguard").Append("wg show wg0 dump").Order(StringComparer.Ordinal),
        Golden("Requests").Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Commands))]
    public void Change_is_what_wg_sends(string command)
    {
        ScriptedTransport kernel = WithFamily().OnSend(Acknowledge);
        using (WireGuardClient client = Over(kernel))
            client.Set("wg0", Changes[command]);
        AssertSame(Golden("Requests")[command], Assert.Single(kernel.Sent[1]));
        AssertSame(Golden("Requests")["find wireguard"], kernel.Sent[0][0]);
    }

    [Theory]
    [InlineData("Answers", "Dump")]
    [InlineData("ManyAnswers", "ManyDump")]
    public void Answer_is_read_as_wg_shows_it(string answers, string dump)
    {
        ScriptedTransport kernel = WithFamily()
            .OnSend(requests => Renumbered(Golden(answers)["wg show wg0 dump"], requests[0].Sequence));
        using WireGuardClient client = Over(kernel);
        WireGuardDevice device = client.Find("wg0")!;
        Assert.Equal(File.ReadAllText(Path.Combine(Folder, dump + ".txt")), Dump(device));
        Assert.Equal("wg0", device.Name);
        Assert.True(device.Index > 0);
        AssertSame(Golden("Requests")["wg show wg0 dump"], kernel.Sent[1][0]);
    }

    [Fact]
    public void Time_of_the_last_handshake_is_read()
    {
        byte[] bytes = Golden("Answers")["wg show wg0 dump"];
        // WGPEER_A_LAST_HANDSHAKE_TIME
        int time = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[20, 0, 6, 0]) + 4;
        BitConverter.TryWriteBytes(bytes.AsSpan(time), 1_700_000_000L);
        BitConverter.TryWriteBytes(bytes.AsSpan(time + 8), 500_000_000L);
        MessageReader messages = new(bytes);
        Assert.True(messages.MoveNext());
        Assert.Equal(
            DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_500), WireGuardParser.Parse(messages.Payload).Peers[0].LastHandshake);
    }

    [Fact]
    public void Long_change_is_several_requests_of_which_the_first_alone_replaces()
    {
        const int Datagrams = 5;
        WireGuardPeerChange[] peers =
        [
            .. Enumerable.Range(1, 100).Select(peer => new WireGuardPeerChange
            {
                PublicKey = Key(peer),
                Endpoint = IPEndPoint.Parse("[2001:db8::3]:51821"),
                ReplaceAllowedIps = true,
                AllowedIps =
                [
                    .. Enumerable.Range(0, peer == 7 ? 300 : 3 * (peer % 10)).Select(n => TestCall.Prefix($"fd00:{peer:x}:{n:x}::/64")),
                ],
            }),
        ];
        ScriptedTransport kernel = WithFamily();
        // Datagrams of at most 16 KiB, two requests each.
        for (int datagram = 0; datagram < Datagrams; datagram++)
            _ = kernel.OnSend(Acknowledge);
        using (WireGuardClient client = Over(kernel))
            client.Set("wg0", new WireGuardChange { PrivateKey = Key(1), ReplacePeers = true, Peers = peers });
        ScriptedRequest[] requests = [.. kernel.Sent.Skip(1).SelectMany(static datagram => datagram)];
        Assert.True(requests.Length >= 2 * Datagrams - 1);
        Assert.All(requests, static request => Assert.InRange(request.Payload.Length, 1, 8 * 1024));
        // A request has the attributes of an answer, and is put together in the same way.
        WireGuardDevice whole = WireGuardParser.Join([.. requests.Select(static request => WireGuardParser.Parse(request.Payload))]);
        Assert.Equal(Key(1), whole.PrivateKey);
        Assert.Equal(peers.Select(static peer => peer.PublicKey), whole.Peers.Select(static peer => peer.PublicKey));
        Assert.All(peers.Zip(whole.Peers), static pair => Assert.Equal(pair.First.AllowedIps, pair.Second.AllowedIps));
        Assert.Equal(
            [1, .. Enumerable.Repeat(0, requests.Length - 1)],
            requests.Select(static request => Count(request.Payload, [8, 0, 5, 0, 1])));
        Assert.Equal(peers.Length, requests.Sum(static request => Count(request.Payload, [8, 0, 3, 0, 2])));
    }

    [Fact]
    public void Kernel_without_the_family_has_no_tunnel_and_refuses_to_change_one()
    {
        using ScriptedTransport kernel = new ScriptedTransport().OnSend(Refuse(Errno.ENOENT)).OnSend(Refuse(Errno.ENOENT));
        using WireGuardClient client = Over(kernel);
        Assert.Null(client.Find("wg0"));
        NetlinkException refusal = Assert.Throws<NetlinkException>(() => client.Set("wg0", new WireGuardChange { ListenPort = 1 }));
        Assert.Equal((Errno.EOPNOTSUPP, "the kernel has no WireGuard"), (refusal.Errno, refusal.Explanation));
    }

    [Fact]
    public void Absent_tunnel_is_null_and_another_interface_a_refusal()
    {
        using ScriptedTransport kernel = WithFamily().OnSend(Refuse(Errno.ENODEV));
        using WireGuardClient client = Over(kernel);
        Assert.Null(client.Find("nope"));
        _ = kernel.OnSend(AnswerFamily).OnSend(Refuse(Errno.EOPNOTSUPP));
        Assert.Equal(Errno.EOPNOTSUPP, Assert.Throws<NetlinkException>(() => client.Find("d0")).Errno);
    }

    [Theory]
    [InlineData("MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDE=", true)]
    [InlineData("MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDE", false)]
    [InlineData("MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDEw", false)]
    [InlineData("?DAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDE=", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Key_is_read_from_Base64(string? text, bool isKey)
    {
        Assert.Equal(isKey, WireGuardKey.TryParse(text, out WireGuardKey key));
        Assert.Equal(!isKey, key.IsNone);
        if (isKey)
            Assert.Equal((Key(1), text), (key, key.ToString()));
    }

    [Fact]
    public void Random_bytes_are_read_or_refused()
    {
        Random random = new(3);
        int read = 0, refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] golden = Golden("Answers")["wg show wg0 dump"][16..556];
            golden[random.Next(golden.Length)] = (byte)random.Next(256);
            byte[] noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            try
            {
                _ = WireGuardParser.Parse(i % 2 == 0 ? noise : golden);
                read++;
            }
            catch (WireFormatException)
            {
                refused++;
            }
        }
        Assert.True(read > 0 && refused > 0);
    }

    /// <summary>What <c>wg show wg0 dump</c> prints of it.</summary>
    private static string Dump(WireGuardDevice device)
    {
        string mark = device.FirewallMark == 0 ? "off" : $"0x{device.FirewallMark.ToString("x", CultureInfo.InvariantCulture)}";
        IEnumerable<string> lines = device.Peers.Select(static peer => string.Join(
            '\t',
            peer.PublicKey,
            peer.PresharedKey?.ToString() ?? "(none)",
            peer.Endpoint?.ToString() ?? "(none)",
            string.Join(',', peer.AllowedIps),
            peer.LastHandshake?.ToUnixTimeSeconds() ?? 0,
            peer.ReceivedBytes,
            peer.SentBytes,
            peer.PersistentKeepalive == 0 ? "off" : $"{peer.PersistentKeepalive}"));
        return string.Concat(
            lines.Prepend($"{device.PrivateKey}\t{device.PublicKey}\t{device.ListenPort}\t{mark}").Select(static line => line + "\n"));
    }

    private static WireGuardChange Of(WireGuardPeerChange peer) => new() { Peers = [peer] };

    /// <summary>The digits of a number as a key: 32 characters.</summary>
    private static WireGuardKey Key(int number) =>
        new(System.Text.Encoding.ASCII.GetBytes(number.ToString("d32", CultureInfo.InvariantCulture)));

    private static Dictionary<string, byte[]> Golden(string name) => File.ReadAllText(Path.Combine(Folder, name + ".txt"))
        .Split("\n== ")[1..]
        .Select(static section => section.Split('\n', 2))
        .ToDictionary(static section => section[0], static section => Hex.Parse(section[1]));

    private static WireGuardClient Over(ScriptedTransport kernel) => new(new NetlinkSocket(kernel, NetlinkProtocol.Generic));

    private static ScriptedTransport WithFamily() => new ScriptedTransport().OnSend(AnswerFamily);

    private static IEnumerable<byte[]> AnswerFamily(ScriptedRequest[] requests) =>
        Renumbered(Golden("Answers")["find wireguard"], requests[0].Sequence);

    private static Func<ScriptedRequest[], IEnumerable<byte[]>> Refuse(Errno errno) =>
        requests => [ScriptedTransport.Error(requests[0].Sequence, errno)];

    private static IEnumerable<byte[]> Acknowledge(ScriptedRequest[] requests) =>
        requests.Select(static request => ScriptedTransport.Error(request.Sequence));

    /// <summary>The recorded messages as the answer to another request.</summary>
    private static List<byte[]> Renumbered(byte[] recorded, uint sequence)
    {
        List<byte[]> messages = [];
        MessageReader reader = new(recorded);
        while (reader.MoveNext())
            messages.Add(ScriptedTransport.Message(reader.Type, reader.Flags, sequence, reader.Payload));
        return messages;
    }

    /// <summary>All but the sequence number, and NLM_F_ACK where a dump ends by itself.</summary>
    private static void AssertSame(byte[] recorded, ScriptedRequest sent)
    {
        MessageReader theirs = new(recorded);
        Assert.True(theirs.MoveNext());
        Assert.Equal(theirs.Type, sent.Type);
        ushort acknowledge = (ushort)RequestFlags.Acknowledge;
        Assert.Equal((ushort)theirs.Flags | acknowledge, sent.Flags | acknowledge);
        Assert.Equal(Convert.ToHexString(theirs.Payload), Convert.ToHexString(sent.Payload));
    }

    private static int Count(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> part)
    {
        int count = 0;
        for (int at; (at = bytes.IndexOf(part)) >= 0; bytes = bytes[(at + 1)..])
            count++;
        return count;
    }
}
