using System.Text;
using Datapath.Attachments;
using Linux.Addresses;
using TestKit;

namespace Datapath.Tests.Attachments;

public sealed class AttachmentTagTests
{
    // printf %s pods | sha512sum | cut -c1-16; printf 'pods\0c1\0eth0' | sha512sum | cut -c1-16
    private const string Network = "aa9217ce5dd9862e";
    private const string Attachment = "13b48e303be66b22";

    private static AttachmentTag Tag => new("pods", "c1", "eth0");

    [Fact]
    public void Text_is_what_sha512sum_says()
    {
        Assert.Equal($"{Network}-{Attachment}", Tag.Text);
        // printf 'pods\0c1\0net1' | sha512sum
        Assert.Equal($"{Network}-322285892d161a37", new AttachmentTag("pods", "c1", "net1").Text);
        // printf %s réseau | sha512sum
        Assert.Equal("ac2d6952603e99e5-", AttachmentTag.NetworkPrefix("réseau"));
        Assert.StartsWith(AttachmentTag.NetworkPrefix("pods"), Tag.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_do_not_run_into_each_other() =>
        Assert.NotEqual(new AttachmentTag("pods", "c1e", "th0").Text, new AttachmentTag("pods", "c1", "eth0").Text);

    [Fact]
    public void Host_interface_fits_the_kernel_and_follows_from_the_tag()
    {
        Assert.Equal("veth13b48e303be", Tag.HostInterfaceName);
        Assert.Null(InterfaceName.Problem(Tag.HostInterfaceName));
        Assert.Equal(Tag.HostInterfaceName, AttachmentTag.HostInterfaceNameOf(Tag.Text));
    }

    [Fact]
    public void Alias_tells_tag_addresses_and_names()
    {
        string alias = Tag.Alias([TestCall.Prefix("10.1.0.5/16"), TestCall.Prefix("fd00::5/64")]);
        Assert.Equal($"{Network}-{Attachment} 10.1.0.5/16,fd00::5/64 pods c1 eth0", alias);
        Assert.Equal(Tag.Text, AttachmentTag.Find(alias));
        Assert.Equal([TestCall.Prefix("10.1.0.5/16"), TestCall.Prefix("fd00::5/64")], AttachmentTag.AddressesIn(alias));
        Assert.Equal(("c1", "eth0"), AttachmentTag.OwnerIn(alias, "pods"));
        Assert.Null(AttachmentTag.OwnerIn(alias, "other"));
    }

    [Fact]
    public void The_interface_that_shapes_has_the_digits_of_the_host_end() => Assert.Equal("ifb13b48e303be", Tag.IfbName);

    [Theory]
    [InlineData("")]
    [InlineData("ingress")]
    public void Alias_tells_a_note_and_the_names(string note)
    {
        string alias = Tag.Alias(note);
        Assert.Equal($"{Network}-{Attachment} {note} pods c1 eth0", alias);
        Assert.Equal(note, AttachmentTag.NoteIn(alias));
        Assert.Equal(Tag.Text, AttachmentTag.Find(alias));
        Assert.Equal("", AttachmentTag.NoteIn("other"));
    }

    [Fact]
    public void Alias_without_addresses_still_tells_the_owner()
    {
        string alias = Tag.Alias([]);
        Assert.Equal(Tag.Text, AttachmentTag.Find(alias));
        Assert.Empty(AttachmentTag.AddressesIn(alias));
        Assert.Equal(("c1", "eth0"), AttachmentTag.OwnerIn(alias, "pods"));
    }

    [Theory]
    [InlineData("a", 300)]
    [InlineData("é", 150)]
    [InlineData("\U0001F600", 100)]
    public void Alias_is_cut_between_characters(string character, int count)
    {
        AttachmentTag tag = new("pods", string.Concat(Enumerable.Repeat(character, count)), "eth0");
        string alias = tag.Alias([TestCall.Prefix("10.1.0.5/16")]);
        int bytes = Encoding.UTF8.GetByteCount(alias);
        Assert.InRange(bytes, 254 - Encoding.UTF8.GetByteCount(character) + 1, 254);
        Assert.Equal(alias, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(alias)));
        Assert.Equal(tag.Text, AttachmentTag.Find(alias));
        Assert.Equal([TestCall.Prefix("10.1.0.5/16")], AttachmentTag.AddressesIn(alias));
        Assert.Null(AttachmentTag.OwnerIn(alias, "pods"));
    }

    [Fact]
    public void Alias_holds_all_addresses_or_none()
    {
        IpPrefix[] many = [.. Enumerable.Range(1, 20).Select(i => TestCall.Prefix($"fd00:1:2:3:4:5:6:{i:x4}/64"))];
        string alias = Tag.Alias(many);
        Assert.InRange(Encoding.UTF8.GetByteCount(alias), 1, 254);
        Assert.Empty(AttachmentTag.AddressesIn(alias));
        Assert.Equal(("c1", "eth0"), AttachmentTag.OwnerIn(alias, "pods"));
        for (int count = 0; count <= many.Length; count++)
            Assert.Contains(AttachmentTag.AddressesIn(Tag.Alias(many.Take(count))).Count(), (int[])[0, count]);
    }

    [Fact]
    public void Comment_fits_into_127_bytes_and_tells_the_tag()
    {
        Assert.Equal($"{Network}-{Attachment} pods c1 eth0", Tag.Comment());
        AttachmentTag tag = new("pods", new string('c', 300), "eté\"0");
        Assert.Equal(127, Encoding.UTF8.GetByteCount(tag.Comment()));
        Assert.Equal(tag.Text, AttachmentTag.Find(tag.Comment()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("eth0 of the database")]
    [InlineData($"{Network}-")]
    [InlineData($"{Network}-13b48e303be66b2")]
    [InlineData($"{Network}-{Attachment}0")]
    [InlineData($"{Network}_{Attachment}")]
    [InlineData($"{Network}-13B48E303BE66B22")]
    [InlineData($"{Network}-13b48e303be66b2g")]
    [InlineData($" {Network}-{Attachment}")]
    [InlineData($"{Network}-{Attachment}\tpods")]
    public void Find_takes_no_foreign_text_for_a_tag(string text) => Assert.Null(AttachmentTag.Find(text));

    [Fact]
    public void Find_needs_nothing_behind_the_tag() => Assert.Equal(Tag.Text, AttachmentTag.Find(Tag.Text));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("tag")]
    [InlineData("tag 10.1.0.5 pods c1 eth0")]
    [InlineData("tag 10.1.0.5/33,,x,010.1.0.1/8 pods c1 eth0")]
    public void AddressesIn_skips_what_is_no_address(string alias) => Assert.Empty(AttachmentTag.AddressesIn(alias));

    [Theory]
    // The names do not belong to the tag.
    [InlineData($"{Network}-{Attachment} 10.1.0.5/16 pods c2 eth0")]
    [InlineData($"{Network}-{Attachment} 10.1.0.5/16 pods c1 eth")]
    [InlineData($"{Network}-{Attachment} 10.1.0.5/16 pods c1 eth0 more")]
    [InlineData($"{Network}-{Attachment} 10.1.0.5/16 pods c1")]
    [InlineData("")]
    public void OwnerIn_believes_only_names_that_the_tag_proves(string alias) => Assert.Null(AttachmentTag.OwnerIn(alias, "pods"));

    [Fact]
    public void A_comment_tells_the_container_also_where_its_names_are_cut()
    {
        foreach (string network in (string[])["pods", new string('n', 90)])
        {
            string id = new('a', 64), other = id[..63] + "b";
            AttachmentTag tag = new(network, id, "eth0");
            Assert.True(tag.IsOfSameContainer(new AttachmentTag(network + "2", id, "eth1").Comment()));
            Assert.False(tag.IsOfSameContainer(new AttachmentTag(network + "2", other, "eth1").Comment()));
            Assert.False(tag.IsOfSameContainer("by hand"));
            Assert.False(tag.IsOfSameContainer(null));
        }
    }

    [Fact]
    public void NamesIn_reads_back_what_a_comment_holds_whole() =>
        Assert.Equal(("pods", "c1", "eth0"), AttachmentTag.NamesIn(Tag.Comment()));

    [Theory]
    [InlineData($"{Network}-{Attachment} pods c2 eth0")]
    [InlineData($"{Network}-{Attachment} pods c1")]
    [InlineData($"{Network}-{Attachment}")]
    [InlineData("by hand")]
    [InlineData("")]
    public void NamesIn_believes_only_names_that_the_tag_proves(string comment) => Assert.Null(AttachmentTag.NamesIn(comment));
}
