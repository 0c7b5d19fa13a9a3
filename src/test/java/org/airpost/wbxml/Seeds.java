package org.airpost.wbxml;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** Documents as phones and servers send them, all well formed. */
final class Seeds {

    private static final List<String> XML = List.of(
            "<FolderSync xmlns='FolderHierarchy'><SyncKey>0</SyncKey></FolderSync>",
            """
            <FolderSync xmlns='FolderHierarchy'><Status>1</Status><SyncKey>1</SyncKey><Changes><Count>2</Count>
              <Add><ServerId>1</ServerId><ParentId>0</ParentId><DisplayName>Inbox</DisplayName><Type>2</Type></Add>
              <Add><ServerId>2</ServerId><ParentId>0</ParentId><DisplayName>Entwürfe</DisplayName><Type>3</Type></Add>
            </Changes></FolderSync>""",
            """
            <Sync xmlns='AirSync'><Collections><Collection><SyncKey>0</SyncKey><CollectionId>5</CollectionId>
            </Collection></Collections></Sync>""",
            """
            <Sync xmlns='AirSync'><Collections><Collection><SyncKey>41</SyncKey><CollectionId>5</CollectionId>
              <DeletesAsMoves>1</DeletesAsMoves><GetChanges/><WindowSize>25</WindowSize>
              <Options><FilterType>3</FilterType><MIMESupport>0</MIMESupport><MIMETruncation>8</MIMETruncation>
                <BodyPreference xmlns='AirSyncBase'><Type>2</Type><TruncationSize>32768</TruncationSize>
                  <AllOrNone>0</AllOrNone><Preview>255</Preview></BodyPreference></Options>
            </Collection></Collections><Wait>8</Wait><WindowSize>512</WindowSize></Sync>""",
            """
            <Sync xmlns='AirSync'><Collections><Collection><SyncKey>42</SyncKey><CollectionId>5</CollectionId>
              <Commands><Change><ServerId>5:17</ServerId><ApplicationData><Read xmlns='Email'>1</Read>
                <Flag xmlns='Email'><Status>2</Status><FlagType>Follow up</FlagType></Flag></ApplicationData></Change>
                <Delete><ServerId>5:18</ServerId></Delete><Fetch><ServerId>5:19</ServerId></Fetch></Commands>
            </Collection></Collections></Sync>""",
            """
            <Sync xmlns='AirSync'><Collections><Collection><SyncKey>43</SyncKey><CollectionId>5</CollectionId>
              <Status>1</Status><MoreAvailable/><Commands><Add><ServerId>5:20</ServerId><ApplicationData>
                <To xmlns='Email'>"Anna" &lt;anna@example.com&gt;</To><From xmlns='Email'>Jürgen &lt;j@example.org&gt;</From>
                <Subject xmlns='Email'>Re: 会議 😀</Subject><DateReceived xmlns='Email'>2024-02-29T08:35:00.000Z</DateReceived>
                <Importance xmlns='Email'>1</Importance><Read xmlns='Email'>0</Read>
                <Attachments xmlns='AirSyncBase'><Attachment><DisplayName>a.pdf</DisplayName>
                  <FileReference>5:20:2</FileReference><Method>1</Method><EstimatedDataSize>1000</EstimatedDataSize>
                </Attachment></Attachments>
                <Body xmlns='AirSyncBase'><Type>2</Type><EstimatedDataSize>30</EstimatedDataSize>
                  <Data>&lt;p&gt;Hello&lt;/p&gt;&#13;
            &lt;p&gt;Tschüß&lt;/p&gt;</Data></Body>
                <MessageClass xmlns='Email'>IPM.Note</MessageClass><InternetCPID xmlns='Email'>65001</InternetCPID>
                <ConversationId xmlns='Email2' opaque='base64'>/w8AAQIDBAUGBwgJCgsMDQ==</ConversationId>
                <ConversationIndex xmlns='Email2' opaque='base64'>AQIDBAU=</ConversationIndex>
              </ApplicationData></Add><SoftDelete><ServerId>5:1</ServerId></SoftDelete></Commands>
            </Collection></Collections></Sync>""",
            """
            <Sync xmlns='AirSync'><Collections><Collection><SyncKey>7</SyncKey><CollectionId>8</CollectionId>
              <Commands><Add><ClientId>c1</ClientId><ApplicationData>
                <Timezone xmlns='Calendar'>xP///wAAAA==</Timezone><StartTime xmlns='Calendar'>20240301T090000Z</StartTime>
                <EndTime xmlns='Calendar'>20240301T100000Z</EndTime><Subject xmlns='Calendar'>Lunch</Subject>
                <UID xmlns='Calendar'>040000008200E0</UID><BusyStatus xmlns='Calendar'>2</BusyStatus>
                <Attendees xmlns='Calendar'><Attendee><Email>b@example.com</Email><Name>B</Name>
                  <AttendeeType>1</AttendeeType></Attendee></Attendees>
                <Recurrence xmlns='Calendar'><Type>1</Type><Interval>1</Interval><DayOfWeek>2</DayOfWeek></Recurrence>
                <Exceptions xmlns='Calendar'><Exception><Deleted>1</Deleted>
                  <ExceptionStartTime>20240308T090000Z</ExceptionStartTime></Exception></Exceptions>
              </ApplicationData></Add></Commands></Collection></Collections></Sync>""",
            """
            <Sync xmlns='AirSync'><Collections><Collection><SyncKey>9</SyncKey><CollectionId>9</CollectionId>
              <Commands><Add><ClientId>c2</ClientId><ApplicationData>
                <FirstName xmlns='Contacts'>Zoë</FirstName><LastName xmlns='Contacts'>Müller</LastName>
                <Email1Address xmlns='Contacts'>z@example.com</Email1Address>
                <Categories xmlns='Contacts'><Category>Friends</Category></Categories>
                <NickName xmlns='Contacts2'>Z</NickName><Picture xmlns='Contacts'>/9j/4AAQ</Picture>
              </ApplicationData></Add></Commands></Collection></Collections></Sync>""",
            """
            <Ping xmlns='Ping'><HeartbeatInterval>480</HeartbeatInterval><Folders>
              <Folder><Id>5</Id><Class>Email</Class></Folder><Folder><Id>8</Id><Class>Calendar</Class></Folder>
            </Folders></Ping>""",
            "<Ping xmlns='Ping'><Status>2</Status><Folders><Folder>5</Folder></Folders></Ping>",
            """
            <Provision xmlns='Provision'>
              <DeviceInformation xmlns='Settings'><Set><Model>Pixel 8</Model><OS>Android 14</OS>
                <FriendlyName>Anna's phone</FriendlyName><UserAgent>Android/14</UserAgent></Set></DeviceInformation>
              <Policies><Policy><PolicyType>MS-EAS-Provisioning-WBXML</PolicyType></Policy></Policies></Provision>""",
            """
            <Provision xmlns='Provision'><Status>1</Status><Policies><Policy>
              <PolicyType>MS-EAS-Provisioning-WBXML</PolicyType><Status>1</Status><PolicyKey>4294967295</PolicyKey>
              <Data><EASProvisionDoc><DevicePasswordEnabled>1</DevicePasswordEnabled>
                <MinDevicePasswordLength>6</MinDevicePasswordLength><MaxInactivityTimeDeviceLock>900</MaxInactivityTimeDeviceLock>
                <UnapprovedInROMApplicationList/></EASProvisionDoc></Data></Policy></Policies></Provision>""",
            """
            <SendMail xmlns='ComposeMail'><ClientId>633916348086136194</ClientId><SaveInSentItems/>
              <Mime opaque='text'>From: a@example.com&#13;
            To: b@example.com&#13;
            Subject: hi&#13;
            Content-Type: text/plain; charset=utf-8&#13;
            &#13;
            Grüße&#13;
            </Mime></SendMail>""",
            """
            <SmartReply xmlns='ComposeMail'><ClientId>c-77</ClientId><Source><FolderId>5</FolderId><ItemId>5:20</ItemId></Source>
              <ReplaceMime/><Mime opaque='base64'>RnJvbTogYUBiDQoNCv/+AAE=</Mime></SmartReply>""",
            """
            <ItemOperations xmlns='ItemOperations'><Fetch><Store>Mailbox</Store>
              <FileReference xmlns='AirSyncBase'>5:20:2</FileReference><Options><Range>0-65535</Range></Options></Fetch>
            </ItemOperations>""",
            """
            <ItemOperations xmlns='ItemOperations'><Status>1</Status><Response><Fetch><Status>1</Status>
              <FileReference xmlns='AirSyncBase'>5:20:2</FileReference><Properties>
                <ContentType xmlns='AirSyncBase'>application/pdf</ContentType><Range>0-3</Range><Total>4</Total>
                <Data>JVBERg==</Data></Properties></Fetch></Response></ItemOperations>""",
            """
            <Search xmlns='Search'><Store><Name>Mailbox</Name><Query><And><Class xmlns='AirSync'>Email</Class>
              <FreeText>invoice</FreeText><CollectionId xmlns='AirSync'>5</CollectionId></And></Query>
              <Options><Range>0-99</Range><RebuildResults/></Options></Store></Search>""",
            """
            <MoveItems xmlns='Move'><Move><SrcMsgId>5:1</SrcMsgId><SrcFldId>5</SrcFldId><DstFldId>6</DstFldId></Move>
              <Move><SrcMsgId>5:2</SrcMsgId><SrcFldId>5</SrcFldId><DstFldId>6</DstFldId></Move></MoveItems>""",
            """
            <MeetingResponse xmlns='MeetingResponse'><Request><UserResponse>1</UserResponse>
              <CollectionId>5</CollectionId><RequestId>5:44</RequestId><InstanceId>2024-03-08T09:00:00.000Z</InstanceId>
            </Request></MeetingResponse>""",
            """
            <Settings xmlns='Settings'><Oof><Set><OofState>1</OofState><OofMessage><AppliesToInternal/><Enabled>1</Enabled>
              <ReplyMessage>Away until Monday</ReplyMessage><BodyType>TEXT</BodyType></OofMessage></Set></Oof>
              <UserInformation><Get/></UserInformation></Settings>""",
            """
            <ResolveRecipients xmlns='ResolveRecipients'><To>anna</To><To>bob@example.com</To>
              <Options><CertificateRetrieval>2</CertificateRetrieval><MaxCertificates>9</MaxCertificates>
                <Availability><StartTime>2024-03-01T00:00:00.000Z</StartTime></Availability></Options></ResolveRecipients>""");

    private Seeds() {}

    static List<byte[]> all() {
        var seeds = new ArrayList<>(XML.stream().map(WbxmlXml::fromXml).toList());
        seeds.add(large());
        return seeds;
    }

    /** One that needs several buffers. */
    private static byte[] large() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new WbxmlWriter(bytes)) {
            out.start(CodePages.tag(21, 0x05));
            out.text(CodePages.tag(21, 0x11), "a line of text, äöü\r\n".repeat(500));
            out.opaque(CodePages.tag(21, 0x10), new byte[9000]);
            out.end();
        }
        return bytes.toByteArray();
    }
}
