package admin

import (
	"errors"
	"slices"
	"strconv"

	"github.com/kupec/kupec/module/consent"
)

type topicsPage struct {
	frame
	Tabs   []tab
	Topics []topicRow
	New    topicRow // the form as it was typed
}

type topicRow struct {
	Key, Name, Description string
	Position               int
}

func (v *visit) topicsPage() (*topicsPage, error) {
	topics, err := v.a.rooms.Consents.Topics(v.ctx)
	if err != nil {
		return nil, err
	}
	page := &topicsPage{frame: v.frame("settings", v.t("settings.title")), Tabs: v.settingsTabs("topics")}
	for _, t := range topics {
		page.Topics = append(page.Topics, topicRow{t.Topic, t.Name, t.Description, t.Position})
		page.New.Position = max(page.New.Position, t.Position+1)
	}
	return page, nil
}

func (a *Admin) topicsPage(v *visit) error {
	page, err := v.topicsPage()
	if err != nil {
		return err
	}
	return v.render("settings_topics", page)
}

func (a *Admin) topicSave(v *visit) error {
	page, err := v.topicsPage()
	if err != nil {
		return err
	}
	position, err := strconv.Atoi(v.form("position"))
	if err != nil || position < 0 || position > 1000 {
		position = page.New.Position
	}
	page.New = topicRow{v.form("key"), v.form("name"), v.form("description"), position}
	if page.New.Name == "" {
		page.Errors.add("name", v.t("topics.error.name"))
	}
	if v.form("new") != "" && slices.ContainsFunc(page.Topics, func(t topicRow) bool { return t.Key == page.New.Key }) {
		page.Errors.add("key", v.t("topics.error.taken"))
	}
	if len(page.Errors) == 0 {
		err := a.rooms.Consents.SaveTopic(v.ctx, consent.Topic{Topic: page.New.Key, Name: page.New.Name, Description: page.New.Description, Position: position})
		var bad *consent.TopicError
		if errors.As(err, &bad) {
			page.Errors.add("key", v.t("topics.error.key"))
		} else if err != nil {
			return err
		}
	}
	if len(page.Errors) > 0 {
		return v.renderInvalid("settings_topics", page)
	}
	return v.done("/settings/topics", "topics.saved", "name", page.New.Name)
}
