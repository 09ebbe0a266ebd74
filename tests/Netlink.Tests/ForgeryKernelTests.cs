using System.Net;
using Linux;
using Linux.Addresses;
using Linux.Namespaces;
using Netlink.Nftables;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using TestKit;
using static Netlink.Testing.ScriptedTransport;

namespace Netlink.Tests;

/// <summary>Somebody in the namespace who may do everything there, and knows our port and the numbers of our requests.</summary>
public sealed class ForgeryKernelTests : KernelTest
{
    private const int Rounds = 300;

    [Fact]
    public void Nobody_but_the_kernel_reaches_a_socket()
    {
        using KernelTransport transport = Namespace.Run(static () => new KernelTransport(NetlinkProtocol.Route));
        using ForgingSocket forger = Namespace.Run(static () => new ForgingSocket(NetlinkProtocol.Route));
        Assert.False(forger.TrySend(transport.PortId, Refusal(transport.PortId, 1)));
        Assert.Equal(Errno.ETIMEDOUT, Assert.Throws<LinuxException>(() => transport.Receive(TimeSpan.Zero)).Errno);
    }

    [Fact]
    public void Requests_succeed_while_refusals_of_them_are_forged()
    {
        using KernelTransport transport = Namespace.Run(static () => new KernelTransport(NetlinkProtocol.Route));
        using RouteClient client = new(new NetlinkSocket(transport));
        using Flood flood = new(Namespace, NetlinkProtocol.Route, transport.PortId);
        int loopback = IndexOf("lo");
        AddressSpec address = new() { Address = IpPrefix.Host(IPAddress.Parse("10.1.2.3")) };
        for (int i = 0; i < Rounds; i++)
        {
            client.AddAddress(loopback, address);
            client.DeleteAddress(loopback, address.Address);
        }
        Assert.Equal(0, flood.Delivered);
    }

    [Fact]
    public void Batches_of_nftables_succeed_while_refusals_of_them_are_forged()
    {
        using KernelTransport transport = Namespace.Run(static () => new KernelTransport(NetlinkProtocol.Netfilter));
        using NftClient client = new(new NetlinkSocket(transport, protocol: NetlinkProtocol.Netfilter));
        using Flood flood = new(Namespace, NetlinkProtocol.Netfilter, transport.PortId);
        NftTable table = new(NftFamily.Inet, "t");
        for (int i = 0; i < Rounds; i++)
        {
            client.Execute(new NftBatch().CreateTable(table));
            client.Execute(new NftBatch().DeleteTable(table));
        }
        Assert.Equal(0, flood.Delivered);
    }

    [Fact]
    public void Socket_begins_at_a_number_that_cannot_be_guessed()
    {
        HashSet<uint> first = [];
        for (int i = 0; i < 20; i++)
        {
            using NetlinkSocket socket = NetlinkSocket.Open(NetlinkProtocol.Route, Namespace);
            Assert.True(first.Add(socket.LastSequence));
        }
        Assert.Contains(first, static number => number > ushort.MaxValue);
    }

    [Fact]
    public void Multicasts_of_others_are_no_notifications_and_do_not_lengthen_the_wait()
    {
        // RTMGRP_LINK
        const uint Link = 1;
        using NetlinkSocket notifications = NetlinkSocket.Open(NetlinkProtocol.Route, Namespace);
        notifications.Join(NotificationGroup.Link);
        using Flood flood = new(Namespace, NetlinkProtocol.Route, 0, Link);
        flood.WaitForDelivery();
        // The queue may overflow, which counts as a notification since the kernel's own may be among what was dropped.
        long begin = Environment.TickCount64;
        while (notifications.WaitForNotification(TimeSpan.FromMilliseconds(50)))
            Assert.True(Environment.TickCount64 - begin < 60_000);
        Client.CreateLink(new BridgeSpec { Name = "br0" });
        Assert.True(notifications.WaitForNotification(TimeSpan.FromSeconds(10)));
    }

    private static byte[] Refusal(uint portId, uint sequence)
    {
        byte[] datagram = Error(sequence, Errno.EPERM);
        BitConverter.GetBytes(portId).CopyTo(datagram, 12);
        return datagram;
    }

    /// <summary>Sends refusals of every request that a new socket may make, for as long as it is not disposed.</summary>
    private sealed class Flood : IDisposable
    {
        private readonly ManualResetEventSlim _delivered = new();
        private readonly Thread _thread;
        private volatile bool _ends;
        private int _count;

        public Flood(NetworkNamespace networkNamespace, NetlinkProtocol protocol, uint portId, uint groups = 0)
        {
            _thread = new Thread(() =>
            {
                networkNamespace.EnterForGood();
                using ForgingSocket forger = new(protocol);
                for (uint sequence = 1; !_ends; sequence = (sequence % (4 * Rounds)) + 1)
                {
                    if (!forger.TrySend(portId, Refusal(portId, sequence), groups))
                        continue;
                    _count++;
                    _delivered.Set();
                }
            });
            _thread.Start();
        }

        public int Delivered => Volatile.Read(ref _count);

        public void WaitForDelivery() => Assert.True(_delivered.Wait(TimeSpan.FromSeconds(30)));

        public void Dispose()
        {
            _ends = true;
            _thread.Join();
            _delivered.Dispose();
        }
    }
}
